//! What the program was started in: environment, project folder, run home, terminal.
//!
//! Read once at the start and handed down, so that nothing below asks the process itself.

use config::{LoadRequest, keys::Language};
use console::look::Said;
use domain::Lang;
use runs::Home;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The surroundings of one invocation.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Folder that holds `configs/` and `data/`.
    pub project: PathBuf,
    /// Where the run directories live.
    pub home: Home,
    /// The worker program, where one was found.
    pub worker: Option<PathBuf>,
    /// Columns and rows, where standard output is a terminal.
    pub terminal_size: Option<(u16, u16)>,
}

impl Surroundings {
    /// Reads them from the process.
    #[must_use]
    pub fn read() -> Self {
        // A variable that is not UTF-8 means nothing to us, and must not end the program.
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let program = std::env::current_exe().unwrap_or_default();
        let folder = std::env::current_dir().unwrap_or_default();
        let project = find_project(&env, &folder, &program);
        let home = Home::locate(&project, &env);
        let worker = find_worker(&env, &program);
        let stdout = std::io::stdout();
        let terminal_size = rustix::termios::isatty(&stdout)
            .then(|| rustix::termios::tcgetwinsize(&stdout).ok())
            .flatten()
            .map(|size| (size.ws_col, size.ws_row));
        Self {
            env,
            project,
            home,
            worker,
            terminal_size,
        }
    }

    /// Returns the variable `name` unless unset or empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns the folder for what can be made again: `$XDG_CACHE_HOME/makook` or its default.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        let named = self.variable("XDG_CACHE_HOME").map(PathBuf::from);
        let usual = || PathBuf::from(self.variable("HOME").unwrap_or("/tmp")).join(".cache");
        named.unwrap_or_else(usual).join("makook")
    }

    /// Returns the name of this machine.
    #[must_use]
    pub fn host(&self) -> String {
        rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned()
    }

    /// Returns the name of the user; `user` where nobody says.
    #[must_use]
    pub fn user(&self) -> String {
        let named = ["USER", "LOGNAME"].into_iter();
        let found = named.filter_map(|name| self.variable(name)).next();
        found.unwrap_or("user").to_owned()
    }

    /// Returns the locale that decides language and character set.
    #[must_use]
    pub fn locale(&self) -> String {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let found = names.into_iter().find_map(|name| self.variable(name));
        found.unwrap_or("C").to_owned()
    }

    /// Returns the language that messages are written in and who says so: `MAKOOK_LANG`, else
    /// `console.language`, else the locale, which is nobody.
    #[must_use]
    pub fn language(&self) -> (Lang, Said) {
        let named = self.variable("MAKOOK_LANG").map(Lang::from_locale);
        let named = named.map(|lang| (lang, Said::ByStart));
        named.or_else(|| self.configured_lang()).unwrap_or_else(|| {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let found = names.into_iter().find_map(|name| self.variable(name));
            (Lang::from_locale(found.unwrap_or("C")), Said::ByNobody)
        })
    }

    /// Settings that cannot be read have no say here; the verb that needs them tells of them.
    fn configured_lang(&self) -> Option<(Lang, Said)> {
        let request = LoadRequest {
            dir: self.project.join("configs"),
            env: self.env.clone(),
            ..LoadRequest::default()
        };
        let resolved = config::load(&request).ok()?;
        let lang = match resolved.config.console.language {
            Language::Auto => return None,
            Language::En => Lang::En,
            Language::Ko => Lang::Ko,
        };
        let setting = resolved.setting("console.language")?;
        Some((lang, Said::from(&setting.origin)))
    }
}

/// `MAKOOK_PROJECT`, else the nearest folder above with `configs/default.toml`, else the one that
/// the program itself was built or unpacked in, else the current folder.
fn find_project(env: &BTreeMap<String, String>, folder: &Path, program: &Path) -> PathBuf {
    if let Some(project) = env
        .get("MAKOOK_PROJECT")
        .filter(|project| !project.is_empty())
    {
        return folder.join(project);
    }
    let marked = |path: &&Path| path.join("configs").join("default.toml").is_file();
    let above = folder
        .ancestors()
        .find(marked)
        .or_else(|| program.ancestors().find(marked));
    above.unwrap_or(folder).to_path_buf()
}

fn find_worker(env: &BTreeMap<String, String>, program: &Path) -> Option<PathBuf> {
    let named = env
        .get("MAKOOK_WORKER")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let beside = program.parent().map(|folder| folder.join("makook-worker"));
    named.or(beside).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_the_nearest_folder_above_with_configs() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("configs")).unwrap();
        std::fs::write(dir.path().join("configs/default.toml"), "").unwrap();
        let below = dir.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        let found = find_project(&BTreeMap::new(), &below, Path::new("/nowhere/makook"));
        assert_eq!(found, dir.path());
    }

    #[test]
    fn the_language_is_the_variables_else_the_settings_else_the_locales() {
        let dir = tempfile::tempdir().unwrap();
        let configs = dir.path().join("configs");
        std::fs::create_dir_all(&configs).unwrap();
        let lang = |variables: &[(&str, &str)]| {
            let pairs = variables.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let env: BTreeMap<String, String> = pairs.collect();
            let around = Surroundings {
                home: Home::locate(dir.path(), &env),
                env,
                project: dir.path().to_owned(),
                worker: None,
                terminal_size: None,
            };
            around.language()
        };
        let korean = ("LANG", "ko_KR.UTF-8");
        assert_eq!(lang(&[]), (Lang::En, Said::ByNobody));
        assert_eq!(lang(&[korean]), (Lang::Ko, Said::ByNobody));
        let settings = |text: &str| std::fs::write(configs.join("default.toml"), text).unwrap();
        settings("[console]\nlanguage = \"en\"\n");
        assert_eq!(lang(&[korean]), (Lang::En, Said::BySettings));
        let by_start = (Lang::Ko, Said::ByStart);
        assert_eq!(lang(&[("MAKOOK_LANG", "ko")]), by_start);
        assert_eq!(lang(&[("MAKOOK_CONSOLE__LANGUAGE", "ko")]), by_start);
        settings("[console\n");
        assert_eq!(lang(&[korean]), (Lang::Ko, Said::ByNobody));
    }

    #[test]
    fn a_worker_that_is_not_there_is_none() {
        assert_eq!(
            find_worker(&BTreeMap::new(), Path::new("/nowhere/makook")),
            None
        );
    }
}
