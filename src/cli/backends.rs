//! Opens the backends that jobs are sent through: the pool of this machine and the clusters of
//! `configs/clusters`.

use super::{failure::Failure, pool, surroundings::Surroundings};
use config::LoadRequest;
use domain::{Clock, Lang};
use jobs::{
    Book, Launcher,
    local::{Pool, PoolSettings},
    profile::{Backend, Profile},
    slurm::{Slurm, SlurmSettings},
};
use std::sync::Arc;

/// The profile of this machine's own pool.
pub const LOCAL: &str = "local";

/// Opens the backend of the profile `name`.
///
/// # Errors
/// `NoSuchProfile`, or every problem of its file.
pub fn open(
    name: &str,
    around: &Surroundings,
    clock: &Arc<dyn Clock>,
) -> Result<Box<dyn Launcher>, Failure> {
    let profile = profile(name, around)?;
    let clock = Arc::clone(clock);
    Ok(match profile.backend {
        Backend::Local => {
            let settings = pool_settings(around)?;
            Box::new(Pool::open(settings, clock))
        }
        Backend::Slurm => Box::new(Slurm::new(profile, slurm_settings(around), clock)),
    })
}

/// Returns what a Slurm backend works with.
#[must_use]
pub fn slurm_settings(around: &Surroundings) -> SlurmSettings {
    SlurmSettings {
        home: around.home.clone(),
        cache: around.cache().join("jobs"),
        env: around.env.clone(),
        host: around.host(),
        user: around.user(),
    }
}

/// Returns the profile `name`.
///
/// # Errors
/// `NoSuchProfile`, or every problem of its file.
pub fn profile(name: &str, around: &Surroundings) -> Result<Profile, Failure> {
    let configs = around.project.join("configs");
    if name == LOCAL && !Profile::names(&configs).iter().any(|known| known == LOCAL) {
        return Ok(Profile::new(LOCAL, Backend::Local));
    }
    Ok(Profile::load(&configs, name)?)
}

/// Opens the pool of this machine, the configured profile and every one that a run was sent
/// through. A profile that cannot be opened is left out with a word on standard error.
#[must_use]
pub fn book(around: &Surroundings, clock: &Arc<dyn Clock>, lang: Lang) -> Book {
    let mut book = Book::new(Vec::new(), around.home.clone(), Arc::clone(clock));
    let mut wanted = vec![LOCAL.to_owned()];
    wanted.extend(configured(around).map(|jobs| jobs.on));
    wanted.extend(book.used_profiles());
    for name in wanted {
        match open(&name, around, clock) {
            Ok(launcher) => book.add(launcher),
            Err(failure) => eprintln!("makook: {}", failure.render(lang)),
        }
    }
    book
}

/// Returns the settings of jobs as configured now; `None` where the settings are broken.
#[must_use]
pub fn configured(around: &Surroundings) -> Option<config::keys::Jobs> {
    let request = LoadRequest {
        dir: around.project.join("configs"),
        env: around.env.clone(),
        ..LoadRequest::default()
    };
    config::load(&request)
        .ok()
        .map(|resolved| resolved.config.jobs)
}

/// Returns what the pool of this machine works with.
///
/// # Errors
/// A program that does not know its own path.
pub fn pool_settings(around: &Surroundings) -> Result<PoolSettings, Failure> {
    let jobs = configured(around).unwrap_or_default();
    let login_hosts: Vec<String> = Profile::list(&around.project.join("configs"))
        .into_iter()
        .filter_map(|(_, profile)| profile.ok())
        .flat_map(|profile| profile.login_hosts)
        .collect();
    pool::settings(around, jobs.slots, &[], &login_hosts)
}
