//! Profiles: the shipped ones, what they cost, and every mistake with its line.

use super::*;
use domain::Problems;
use rstest::rstest;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

#[test]
fn the_shipped_profiles_load_and_read_back_from_their_rendering() {
    let profiles = Profile::list(&shipped());
    let names: Vec<&str> = profiles.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["generic-slurm", "klone", "local", "tillicum"]);
    for (name, profile) in &profiles {
        let profile = profile.as_ref().unwrap();
        assert_eq!(&profile.name, name);
        assert!(!profile.about.en.is_empty() && !profile.about.ko.is_empty());
        let rendered = profile.render();
        assert_eq!(&parse("x.toml", &rendered).unwrap(), profile, "{rendered}");
    }
}

#[test]
fn the_facts_of_the_two_clusters() {
    let klone = Profile::load(&shipped(), "klone").unwrap();
    assert_eq!(klone.resources.partition.as_deref(), Some("ckpt-all"));
    assert_eq!(klone.resources.qos.as_deref(), Some("ckpt-gpu"));
    assert!(klone.resources.requeue && klone.resources.account.is_none());
    assert!(klone.is_login_host("klone-login03.hyak.local"));
    assert!(!klone.is_login_host("g3001"));
    assert_eq!(klone.cost(3_600.0), None);
    let tillicum = Profile::load(&shipped(), "tillicum").unwrap();
    assert_eq!(tillicum.resources.partition, None);
    assert!(tillicum.requires_gpu && !tillicum.resources.requeue && tillicum.resources.chain > 1);
    let cost = tillicum.cost(14.0 * 3_600.0).unwrap();
    assert_eq!(cost.to_string(), "12.60 USD");
}

#[rstest]
#[case("*login*", "klone-login01", true)]
#[case("klone-login*", "klone-login", true)]
#[case("klone-login*", "n3001", false)]
#[case("*", "", true)]
#[case("a*b*c", "a--b--c", true)]
#[case("a*b*c", "a--c--b", false)]
#[case("로그인*", "로그인1", true)]
fn patterns(#[case] pattern: &str, #[case] host: &str, #[case] expected: bool) {
    assert_eq!(fits(pattern, host), expected);
}

fn parse(path: &str, text: &str) -> Result<Profile, Problems> {
    let name = None;
    reading::read(&reading::File { path, name, text })
}

const GOOD: &str = "name = \"x\"\nbackend = \"slurm\"\n";

#[rstest]
#[case("backend = \"slurm\"\n", &["p.toml:1:1  missing field `name`"])]
#[case("name = \"x\"\nbackend = \"pbs\"\n", &["p.toml:2:11  unknown variant `pbs`, expected `local` or `slurm`"])]
#[case("name = \"x\"\nbackend = \"slurm\"\ncolour = 1\n", &["p.toml:3:1  unknown field `colour`"])]
#[case("name = \"x\"\nbackend = \"slurm\"\nrequires_gpu = 3\n\"한\" = 1\n", &["p.toml:3:16", "p.toml:4:1"])]
#[case("name = \"x\"\nbackend = \"slurm\"\n[resources]\ngpus = -1\ncpus = \"two\"\n", &["p.toml:4:8", "p.toml:5:8"])]
#[case("name = \"x\"\nbackend = \"slurm\"\nrequires_gpu = true\n", &["p.toml:3:16  every job needs a GPU here"])]
#[case("name = \"x\"\nbackend = \"slurm\"\nprice_per_gpu_hour = -0.5\n", &["p.toml:3:22  -0.5 is no price"])]
#[case("name = \"x\"\nbackend = \"slurm\"\nmax_cpus_per_gpu = 8\n[resources]\ncpus = 9\n", &["p.toml:5:8  9 processors are more"])]
#[case("name = \"x\"\nbackend = \"slurm\"\n[resources]\noptions = [\"constraint=a\"]\n", &["p.toml:4:11  `constraint=a` is no option"])]
#[case("name = \"x\nbackend = \n", &["p.toml:1:", "p.toml:2:"])]
fn every_mistake_has_its_place(#[case] text: &str, #[case] expected: &[&str]) {
    let problems = parse("p.toml", text).unwrap_err();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), expected.len(), "{shown:#?}");
    for (shown, expected) in shown.iter().zip(expected) {
        assert!(shown.starts_with(expected), "{shown}");
        assert!(shown.contains("hint: "), "{shown}");
    }
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    for problem in parse("p.toml", text).unwrap_err().iter() {
        assert!(
            hangul(&problem.message.ko) && hangul(&problem.hint.ko),
            "{problem}"
        );
    }
}

#[test]
fn a_key_of_former_profiles_is_passed_over_and_keeps_the_places_of_later_slips() {
    let former = format!("{GOOD}remote_host = \"hyak\" # in ~/.ssh/config\n");
    assert_eq!(parse("p.toml", &former), parse("p.toml", GOOD));
    assert!(parse("p.toml", GOOD).is_ok());
    let wrong = format!("{former}colour = 1\n[resources]\nremote_host = \"hyak\"\n");
    let problems = parse("p.toml", &wrong).unwrap_err().to_string();
    assert!(
        problems.starts_with("p.toml:4:1  unknown field `colour`"),
        "{problems}"
    );
    assert!(
        problems.contains("p.toml:6:1  unknown field `remote_host`"),
        "{problems}"
    );
}

#[test]
fn any_truncation_is_read_without_panic() {
    let text = Profile::load(&shipped(), "tillicum").unwrap().render();
    for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
        let _ = parse("p.toml", &text[..cut]);
    }
}

#[test]
fn what_is_asked_for_wrongly_is_told_with_what_there_is() {
    let error = Profile::load(&shipped(), "klonne").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no cluster profile `klonne`; there are generic-slurm, klone, local, tillicum"
    );
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        Profile::load(empty.path(), "local").unwrap().backend,
        Backend::Local
    );
    for odd in ["", "../x", ".hidden"] {
        let error = Profile::load(&shipped(), odd).unwrap_err();
        assert!(matches!(error, JobsError::NoSuchProfile { .. }), "{error}");
    }
}

#[test]
fn a_file_must_bear_its_profile_s_name() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("clusters")).unwrap();
    fs::write(dir.path().join("clusters/y.toml"), GOOD).unwrap();
    let error = Profile::load(dir.path(), "y").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("y.toml:1:8  the profile is called `x`"),
        "{error}"
    );
}
