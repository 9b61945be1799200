//! Named arrays in one safetensors file, with one JSON document beside them.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, HashMap};

/// The metadata key that holds the document; one key only, so that equal content is equal bytes.
const DOCUMENT: &str = "makook";

#[derive(Debug)]
struct Array {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Collects arrays and encodes them.
#[derive(Debug, Default)]
pub(crate) struct TensorWriter {
    arrays: BTreeMap<String, Array>,
}

impl TensorWriter {
    pub(crate) fn f32(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.add(name, Dtype::F32, shape, bytes);
    }

    pub(crate) fn f64(&mut self, name: &str, values: &[f64]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.add(name, Dtype::F64, &[values.len()], bytes);
    }

    pub(crate) fn u64(&mut self, name: &str, values: &[u64]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.add(name, Dtype::U64, &[values.len()], bytes);
    }

    fn add(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        self.arrays.insert(
            name.to_owned(),
            Array {
                dtype,
                shape: shape.to_vec(),
                bytes,
            },
        );
    }

    /// Returns the file's bytes.
    pub(crate) fn encode(&self, document: &impl Serialize) -> Vec<u8> {
        let document = serde_json::to_string(document).expect("plain data has a JSON form");
        let views = self.arrays.iter().map(|(name, array)| {
            let view = TensorView::new(array.dtype, array.shape.clone(), &array.bytes)
                .expect("each array has as many bytes as its shape says");
            (name, view)
        });
        let metadata = HashMap::from([(DOCUMENT.to_owned(), document)]);
        safetensors::serialize(views, Some(metadata)).expect("arrays in memory can be encoded")
    }
}

/// Decodes what [`TensorWriter`] wrote; errors are in words.
#[derive(Debug)]
pub(crate) struct TensorReader<'a> {
    tensors: SafeTensors<'a>,
    document: String,
}

impl<'a> TensorReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let in_words = |error: safetensors::SafeTensorError| error.to_string();
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(in_words)?;
        let document = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get(DOCUMENT))
            .ok_or("it was not written by makook")?
            .clone();
        Ok(Self {
            tensors: SafeTensors::deserialize(bytes).map_err(in_words)?,
            document,
        })
    }

    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(&self.document).map_err(|error| error.to_string())
    }

    pub(crate) fn f32(&self, name: &str) -> Result<Vec<f32>, String> {
        self.values(name, Dtype::F32, f32::from_le_bytes)
    }

    pub(crate) fn f64(&self, name: &str) -> Result<Vec<f64>, String> {
        self.values(name, Dtype::F64, f64::from_le_bytes)
    }

    pub(crate) fn u64(&self, name: &str) -> Result<Vec<u64>, String> {
        self.values(name, Dtype::U64, u64::from_le_bytes)
    }

    fn values<T, const N: usize>(
        &self,
        name: &str,
        dtype: Dtype,
        decode: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, String> {
        let view = self
            .tensors
            .tensor(name)
            .map_err(|_| format!("it has no {name}"))?;
        if view.dtype() != dtype {
            return Err(format!("{name} is {:?} instead of {dtype:?}", view.dtype()));
        }
        let (chunks, _) = view.data().as_chunks::<N>();
        Ok(chunks.iter().map(|chunk| decode(*chunk)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_document_survive_bit_for_bit() {
        let mut writer = TensorWriter::default();
        writer.f32("weights", &[2, 2], &[1.5, -0.0, f32::MIN_POSITIVE, 3.1]);
        writer.f64("mean", &[0.1, 1e300]);
        writer.u64("lengths", &[u64::MAX]);
        let bytes = writer.encode(&vec!["a note"]);
        assert_eq!(
            bytes,
            writer.encode(&vec!["a note"]),
            "equal content is equal bytes"
        );
        let reader = TensorReader::new(&bytes).unwrap();
        let bits: Vec<u32> = reader
            .f32("weights")
            .unwrap()
            .iter()
            .map(|x| x.to_bits())
            .collect();
        let expected = [1.5, -0.0, f32::MIN_POSITIVE, 3.1].map(f32::to_bits);
        assert_eq!(bits, expected);
        assert_eq!(reader.u64("lengths").unwrap(), [u64::MAX]);
        assert_eq!(reader.document::<Vec<String>>().unwrap(), ["a note"]);
        assert!(reader.f32("mean").unwrap_err().contains("F64"));
        assert!(reader.f32("none").unwrap_err().contains("has no none"));
    }
}
