//! Writes a chart as it is looked at: a picture, and its data for other programs.
//!
//! Never writes over a file: a further export of a chart gets the next number. Start at
//! [`ChartExport::of`].

use crate::{
    metric::METRICS,
    run_data::RunData,
    series::{Axis, Series},
    state::State,
    words,
};
use domain::{Phrase, Text, durable, time::SECOND};
use report::{Figure, Mark, Style, axis::Unit, export::Format};
use runs::{RunId, Summary};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A chart to write.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartExport {
    /// The run it shows.
    pub run: RunId,
    /// Its directory.
    pub path: PathBuf,
    stem: String,
    shows: Shows,
}

/// What is written. Curves may be long: they become points only where the files are written.
#[derive(Clone, Debug, PartialEq)]
enum Shows {
    Curves {
        title: String,
        axis: Axis,
        lines: Vec<Exported>,
        marks: Vec<Mark>,
    },
    Figure {
        figure: Figure,
        x: &'static str,
    },
}

#[derive(Clone, Debug, PartialEq)]
struct Exported {
    name: String,
    style: Style,
    series: Series,
}

/// Names tried before giving up.
const MOST_NAMES: usize = 10_000;

impl ChartExport {
    /// Takes the chosen chart with everything laid over it; `None` where nothing is drawn.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        let (run, data) = (state.run()?, state.data()?);
        let metric = METRICS.get(state.chart)?;
        let mut lines = Vec::new();
        for line in state.charts.lines(data, state.chart) {
            let seed = line.seed.map(|seed| format!(" seed {seed}"));
            let name = format!("{}{}", line.run, seed.unwrap_or_default());
            let one = |name: String, style: Style, series: &Series| Exported {
                name,
                style,
                series: series.clone(),
            };
            match line.smooth {
                None => lines.push(one(name, Style::Line, line.raw)),
                Some(smooth) => {
                    let how = state.charts.smoothing.label().en;
                    lines.push(one(format!("{name} {how}"), Style::Line, smooth));
                    lines.push(one(name, Style::Faint, line.raw));
                }
            }
        }
        let key = metric.keys.first()?;
        (!lines.is_empty()).then(|| Self {
            run: run.id.clone(),
            path: run.path.clone(),
            stem: key.replace('/', "-"),
            shows: Shows::Curves {
                title: format!("{}: {}", metric.title.get(state.lang), run.id),
                axis: state.charts.axis,
                lines,
                marks: marks(state, data),
            },
        })
    }

    /// Takes a picture of `run` that was made ready; its files are called `stem`, and `x` names the
    /// column of its x.
    #[must_use]
    pub fn of_figure(run: &Summary, stem: &str, figure: Figure, x: &'static str) -> Self {
        Self {
            run: run.id.clone(),
            path: run.path.clone(),
            stem: stem.to_owned(),
            shows: Shows::Figure { figure, x },
        }
    }

    /// Takes equity and drawdown of the chosen run's latest evaluation; nothing where there was
    /// none.
    #[must_use]
    pub fn of_evaluation(state: &State) -> Vec<Self> {
        let Some((run, data)) = state.run().zip(state.data()) else {
            return Vec::new();
        };
        let shown = &data.evaluation;
        let one = |stem: &str, title: Text, unit: Unit, style: Style, points: &[(f64, f64)]| {
            let nanos = points
                .iter()
                .map(|(x, y)| (x * SECOND as f64, *y))
                .collect();
            let title = format!("{}: {}", title.get(state.lang), run.id);
            let figure = Figure::new(title, Unit::Time, unit).with("", style, nanos);
            (!points.is_empty()).then(|| Self::of_figure(run, stem, figure, "unix_ns"))
        };
        let pictures = [
            one(
                "equity",
                words::EQUITY,
                Unit::Number,
                Style::Line,
                &shown.equity,
            ),
            one(
                "drawdown",
                words::DRAWDOWN,
                Unit::Percent,
                Style::Area,
                &shown.drawdown,
            ),
        ];
        pictures.into_iter().flatten().collect()
    }

    /// Writes the picture and the data into the first of `folders` that takes them; returns the
    /// files.
    ///
    /// # Errors
    /// Why the last folder did not either, with what to do.
    pub fn write(&self, folders: &[PathBuf]) -> Result<Vec<PathBuf>, Phrase> {
        let mut refused = Phrase::new("there is no folder to write to", "쓸 폴더가 없습니다");
        for folder in folders {
            match self.write_into(folder) {
                Ok(files) => return Ok(files),
                Err(error) => refused = refusal(folder, &error),
            }
        }
        Err(refused)
    }

    fn write_into(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::create_dir_all(folder)?;
        let named = |number: usize| {
            let number = (number > 1).then(|| format!("-{number}"));
            let stem = format!("{}{}", self.stem, number.unwrap_or_default());
            Format::ALL.map(|format| folder.join(format!("{stem}.{}", format.extension())))
        };
        let unused = |files: &[PathBuf; 3]| files.iter().all(|file| !file.exists());
        let files = (1..MOST_NAMES).map(named).find(unused);
        let files = files.ok_or_else(|| io::Error::other("too many exports"))?;
        let (figure, x) = self.figure();
        for (format, file) in Format::ALL.into_iter().zip(&files) {
            durable::replace(file, format.render(&figure, x).as_bytes())?;
        }
        Ok(files.to_vec())
    }

    fn figure(&self) -> (Figure, &'static str) {
        let (title, axis, lines, marks) = match &self.shows {
            Shows::Figure { figure, x } => return (figure.clone(), x),
            Shows::Curves {
                title,
                axis,
                lines,
                marks,
            } => (title, *axis, lines, marks),
        };
        let unit = match axis {
            Axis::EnvSteps | Axis::Updates => Unit::Count,
            Axis::Time => Unit::Number,
        };
        let empty = Figure::new(title.clone(), unit, Unit::Number).with_marks(marks.clone());
        let figure = lines.iter().fold(empty, |figure, line| {
            let points = line.series.points(axis).collect();
            figure.with(line.name.clone(), line.style, points)
        });
        (figure, axis.word())
    }
}

/// Returns the chosen chart's marks, as they are shown.
fn marks(state: &State, data: &RunData) -> Vec<Mark> {
    let curves = data.curves.get(state.chart);
    let several = curves.is_some_and(|own| own.len() > 1);
    let placed = state.charts.marks(data, state.chart).into_iter();
    placed
        .map(|(x, mark)| Mark {
            x,
            what: mark.what.word(),
            sign: mark.what.sign(),
            label: mark.label(state.lang, several),
        })
        .collect()
}

fn refusal(folder: &Path, error: &io::Error) -> Phrase {
    let folder = folder.display();
    domain::phrase!(
        "{folder} cannot be written: {error}; set MAKOOK_HOME to a folder of your own",
        "{folder}에 쓸 수 없습니다: {error}. MAKOOK_HOME을 쓸 수 있는 폴더로 정하세요"
    )
}

/// Takes exported files away again; those that are gone already are no fault.
///
/// # Errors
/// Why one is still there.
pub fn take_away(files: &[PathBuf]) -> Result<(), Phrase> {
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let file = file.display();
                return Err(domain::phrase!(
                    "{file} stays: {error}",
                    "{file} 파일을 지우지 못했습니다: {error}"
                ));
            }
            _ => {}
        }
    }
    // A model's folder goes with its files; one that holds others stays.
    if let Some(folder) = files.first().and_then(|file| file.parent()) {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}
