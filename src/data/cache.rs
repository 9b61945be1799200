//! Feature matrices kept on disk under a key, so that the same data, spec and code are computed
//! once.
//!
//! `<data>/cache/<key>.f32`: one line of JSON (the header, padded with spaces to a multiple of 64
//! bytes), then `[rows, cols]` little-endian f32, row-major. Written beside and renamed; verified
//! by checksum when opened; a damaged file is computed again and said so. Start at
//! [`MatrixCache::get_or_compute`].

use crate::{
    error::{DataError, Doing},
    mapped::MappedMatrix,
};
use domain::durable;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

/// What the first bytes of a matrix file say.
const MAGIC: &str = "makook matrix";
/// The newest file format known.
const FORMAT: u32 = 1;
/// Values begin at a multiple of this many bytes.
const ALIGN: usize = 64;
/// A header longer than this is none.
const LONGEST_HEADER: u64 = 1 << 22;

/// A matrix to be kept: `[rows, names.len()] f32`, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Rows at the start whose values are not yet meaningful.
    pub warm_up: usize,
    /// The values; a multiple of `names.len()`.
    pub values: Vec<f32>,
}

/// Where a matrix came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was in the cache.
    Cached,
    /// It was computed now.
    Computed,
    /// It was in the cache but damaged, and was computed again; why.
    Rebuilt(String),
}

/// The first line of a matrix file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    magic: String,
    format: u32,
    key: String,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) warm_up: usize,
    pub(crate) names: Vec<String>,
    /// Blake3 of the values' bytes.
    checksum: String,
}

/// The matrices of one data directory.
#[derive(Clone, Debug)]
pub struct MatrixCache {
    root: PathBuf,
}

impl MatrixCache {
    /// Returns the cache of the data directory `data`, which need not exist yet.
    #[must_use]
    pub fn at(data: &Path) -> Self {
        Self {
            root: data.join("cache"),
        }
    }

    /// Returns the matrix of `key`, computing and keeping it where the cache has none that is whole.
    ///
    /// `key` names data, spec and code version together: letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// What `compute` returns; [`DataError`] when the cache cannot be read or written.
    pub fn get_or_compute<E: From<DataError>>(
        &self,
        key: &str,
        compute: impl FnOnce() -> Result<Matrix, E>,
    ) -> Result<(MappedMatrix, Origin), E> {
        let path = self.path(key)?;
        let origin = match open(&path, key) {
            Ok(Some(matrix)) => return Ok((matrix, Origin::Cached)),
            Ok(None) => Origin::Computed,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Origin::Rebuilt(error.to_string())
            }
            Err(error) => return Err(DataError::io(Doing::Read, &path)(error).into()),
        };
        let matrix = compute()?;
        self.write(&path, key, &matrix)?;
        match open(&path, key) {
            Ok(Some(matrix)) => Ok((matrix, origin)),
            Ok(None) => {
                let error = io::Error::new(io::ErrorKind::NotFound, "it vanished");
                Err(DataError::io(Doing::Read, &path)(error).into())
            }
            Err(error) => Err(DataError::io(Doing::Read, &path)(error).into()),
        }
    }

    fn path(&self, key: &str) -> Result<PathBuf, DataError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if key.is_empty() || key.len() > 200 || !key.chars().all(allowed) {
            return Err(DataError::BadName(key.to_owned()));
        }
        Ok(self.root.join(format!("{key}.f32")))
    }

    fn write(&self, path: &Path, key: &str, matrix: &Matrix) -> Result<(), DataError> {
        let fail = || DataError::io(Doing::Write, path);
        fs::create_dir_all(&self.root).map_err(fail())?;
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = write_file(&temporary, key, matrix)
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| durable::sync_directory(path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(fail())
    }
}

fn write_file(path: &Path, key: &str, matrix: &Matrix) -> io::Result<()> {
    let cols = matrix.names.len();
    if cols == 0 || !matrix.values.len().is_multiple_of(cols) {
        return Err(io::Error::other(format!(
            "{} values do not fill rows of {cols} columns",
            matrix.values.len()
        )));
    }
    let mut hasher = blake3::Hasher::new();
    pieces(&matrix.values, |bytes| {
        hasher.update(bytes);
        Ok(())
    })?;
    let header = Header {
        magic: MAGIC.to_owned(),
        format: FORMAT,
        key: key.to_owned(),
        rows: matrix.values.len() / cols,
        cols,
        warm_up: matrix.warm_up,
        names: matrix.names.clone(),
        checksum: hasher.finalize().to_hex().to_string(),
    };
    let mut line = serde_json::to_vec(&header)?;
    let padded = (line.len() + 1).next_multiple_of(ALIGN);
    line.resize(padded - 1, b' ');
    line.push(b'\n');
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&line)?;
    pieces(&matrix.values, |bytes| file.write_all(bytes))?;
    file.flush()?;
    file.get_ref().sync_all()
}

/// Hands out the values' bytes piece by piece.
fn pieces(values: &[f32], mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(1 << 16);
    for piece in values.chunks(1 << 14) {
        bytes.clear();
        bytes.extend(piece.iter().flat_map(|value| value.to_le_bytes()));
        take(&bytes)?;
    }
    Ok(())
}

/// Opens and verifies a matrix file; `None` where there is none, `InvalidData` where it is damaged.
fn open(path: &Path, key: &str) -> io::Result<Option<MappedMatrix>> {
    let damaged = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut line = Vec::new();
    let mut reader = BufReader::new(io::Read::take(&file, LONGEST_HEADER));
    reader.read_until(b'\n', &mut line)?;
    let header: Header =
        serde_json::from_slice(&line).map_err(|error| damaged(format!("bad header: {error}")))?;
    if header.magic != MAGIC || header.format != FORMAT || header.key != key {
        return Err(damaged(
            "its header is of another matrix or format".to_owned(),
        ));
    }
    if header.cols != header.names.len() {
        return Err(damaged("its header contradicts itself".to_owned()));
    }
    let matrix = MappedMatrix::map(&file, header, line.len())?;
    let checksum = blake3::hash(matrix.bytes()).to_hex();
    if checksum.as_str() != matrix.header().checksum {
        return Err(damaged("its checksum does not fit".to_owned()));
    }
    Ok(Some(matrix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::sync::Arc;

    fn matrix() -> Matrix {
        Matrix {
            names: vec!["rsi".to_owned(), "수익률".to_owned(), "atr".to_owned()],
            warm_up: 2,
            values: (0..30).map(|value| value as f32 * 0.5).collect(),
        }
    }

    fn get(cache: &MatrixCache) -> (MappedMatrix, Origin) {
        cache
            .get_or_compute::<DataError>("k-1", || Ok(matrix()))
            .unwrap()
    }

    #[test]
    fn a_matrix_is_computed_once_and_shared() {
        let dir = tempfile::tempdir().unwrap();
        let cache = MatrixCache::at(dir.path());
        assert_eq!(get(&cache).1, Origin::Computed);
        let again = cache.get_or_compute::<DataError>("k-1", || unreachable!("it is cached"));
        let (mapped, origin) = again.unwrap();
        assert_eq!(origin, Origin::Cached);
        assert_eq!((mapped.rows(), mapped.cols(), mapped.warm_up()), (10, 3, 2));
        assert_eq!(mapped.names(), matrix().names);
        assert_eq!(mapped.row(1), [1.5, 2.0, 2.5]);
        let shared: Arc<dyn AsRef<[f32]> + Send + Sync> = Arc::new(mapped);
        assert_eq!((*shared).as_ref(), matrix().values);
    }

    #[rstest]
    #[case::flipped(|bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1)]
    #[case::cut(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 4))]
    #[case::cut_in_header(|bytes: &mut Vec<u8>| bytes.truncate(20))]
    #[case::emptied(|bytes: &mut Vec<u8>| bytes.clear())]
    #[case::lengthened(|bytes: &mut Vec<u8>| bytes.extend([0; 4]))]
    fn a_damaged_matrix_is_rebuilt_and_said_so(#[case] damage: fn(&mut Vec<u8>)) {
        let dir = tempfile::tempdir().unwrap();
        let cache = MatrixCache::at(dir.path());
        get(&cache);
        let path = dir.path().join("cache/k-1.f32");
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let (mapped, origin) = get(&cache);
        assert!(matches!(origin, Origin::Rebuilt(_)), "{origin:?}");
        assert_eq!(mapped.as_ref(), matrix().values);
        assert_eq!(get(&cache).1, Origin::Cached);
    }

    #[test]
    fn an_open_map_survives_its_replacement() {
        let dir = tempfile::tempdir().unwrap();
        let cache = MatrixCache::at(dir.path());
        let (old, _) = get(&cache);
        let path = dir.path().join("cache/k-1.f32");
        let other = Matrix {
            values: vec![9.0; 30],
            ..matrix()
        };
        cache.write(&path, "k-1", &other).unwrap();
        assert_eq!(old.as_ref(), matrix().values);
        assert_eq!(get(&cache).0.as_ref(), other.values);
    }

    #[test]
    fn failed_computations_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let cache = MatrixCache::at(dir.path());
        let failed = cache.get_or_compute("k-1", || Err(DataError::Cancelled));
        assert!(matches!(failed, Err(DataError::Cancelled)));
        assert!(!dir.path().join("cache").exists());
        assert!(
            cache
                .get_or_compute::<DataError>("../k", || Ok(matrix()))
                .is_err()
        );
    }
}
