//! Power losses, kills and failing calls at random moments, on a [simulated disk](SimulatedDisk) with the WAL.
//!
//! Random commands run on a store and on a [model]. In the middle of calls, the disk keeps copies of itself. A copy
//! becomes a state that a power loss may leave. The state that is recovered from it must be that of all acknowledged
//! commands, and perhaps of a command without an answer or with an unknown outcome.
//!
//! `GUANXI_TEST_CRASH_STATES` sets the number of states for each test, and `GUANXI_TEST_SEED` the first seed.
//! LMDB has a real directory. It is as of its last checkpoint, or the one before.

mod model;

use super::super::data_dir::DATA_FILE;
use super::super::disk::simulated::{Faults, SimulatedDisk};
use super::super::integrity_check;
use super::*;
use crate::FieldCipher;
use crate::commands::InsertRows;
use crate::encryption::Keyring;
use crate::model::{Card, Row};
use model::{MEMBERS, Model, Outcome, Step, mid};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The number of states for each test in an ordinary run.
const STATES: usize = 4000;

/// The number of power losses from one copy of the disk.
const LOSSES: usize = 2;

/// The expectations of a run.
#[derive(Clone, Copy, Debug)]
struct Mode {
    faults: Faults,
    /// True if acknowledged writes may be lost, since a sync has no effect. The store must have a state that it had
    /// once, or not open.
    may_lose_writes: bool,
}

#[test]
fn power_loss_loses_no_acknowledged_write() {
    let faults = Faults { copies: 4, ..Faults::default() };
    simulate(Mode { faults, may_lose_writes: false });
}

#[test]
fn failing_disk_loses_no_acknowledged_write() {
    let faults = Faults { errors: 12, short_writes: 6, copies: 6, ..Faults::default() };
    simulate(Mode { faults, may_lose_writes: false });
}

#[test]
fn lying_disk_shows_an_earlier_state_or_none() {
    let faults = Faults { errors: 40, lies: 3, copies: 6, ..Faults::default() };
    simulate(Mode { faults, may_lose_writes: true });
}

fn number_of(variable: &str) -> Option<usize> {
    std::env::var(variable).ok().map(|number| number.parse().expect("a number"))
}

/// Runs lives of stores with consecutive seeds until so many states were recovered.
fn simulate(mode: Mode) {
    let states = number_of("GUANXI_TEST_CRASH_STATES").unwrap_or(STATES);
    let mut recovered = 0;
    for seed in number_of("GUANXI_TEST_SEED").unwrap_or(1) as u64.. {
        let run = || Simulation::new(seed, mode).run();
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(states) => recovered += states,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                panic!("GUANXI_TEST_SEED={seed}, after {recovered} states: {text}");
            }
        }
        if recovered >= states {
            return;
        }
    }
}

/// A store and what is known about it.
struct Simulation {
    random: fastrand::Rng,
    mode: Mode,
    home: TempDir,
    disk: SimulatedDisk,
    /// `None` after a stop.
    committer: Option<Committer>,
    /// The data file before the running checkpoint, if the next power loss leaves that one.
    earlier_data_file: Option<Vec<u8>>,
    /// The state after all acknowledged commands.
    current: Model,
    /// The states that a restart may show: the current one, and those with commands of unknown outcome.
    possible: Vec<Model>,
    /// All states that were possible so far.
    history: Vec<Model>,
    /// The disk in the middle of a command, if the process ends there, and the states that a restart may show.
    interruption: Option<(SimulatedDisk, Vec<Model>)>,
    /// The number of commands so far.
    commands: u64,
    /// The number of recovered states.
    recovered: usize,
}

/// A directory in memory, if the system has one.
fn empty_dir() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Opens the store on a disk, with a data file.
fn open(data_file: Option<&[u8]>, disk: &SimulatedDisk) -> Result<(TempDir, Committer), String> {
    let home = empty_dir();
    if let Some(data_file) = data_file {
        fs::write(home.path().join(DATA_FILE), data_file).unwrap();
    }
    let opened = LmdbEnv::open(home.path(), Arc::new(disk.clone()), 1 << 20);
    let (env, wal) = opened.map_err(|error| error.to_string())?;
    // Only the simulation starts checkpoints.
    let committer = Committer::new(Arc::new(env), wal, usize::MAX, failure::channel().0).unwrap();
    Ok((home, committer))
}

impl Simulation {
    fn new(seed: u64, mut mode: Mode) -> Simulation {
        let mut random = fastrand::Rng::with_seed(seed);
        mode.faults.errors = mode.faults.errors * random.u32(1..=8) / 4;
        let disk = SimulatedDisk::new(random.u64(..), Faults::default());
        let (home, mut committer) = open(None, &disk).unwrap();
        let cipher = Arc::new(FieldCipher::new(Keyring::generate()));
        let rows = (1..=MEMBERS).map(|member| Row::Card(Box::new(Card::new(mid(member))))).collect();
        let (insert, _answer) = PendingCommand::new(InsertRows { rows, cipher });
        committer.write(vec![Box::new(insert)]);
        committer.start_checkpoint();
        committer.checkpointer.finish_completed(true, &mut committer.wal).unwrap();
        disk.set_faults(mode.faults);
        let current = Model::default();
        let possible = vec![current.clone()];
        let history = possible.clone();
        let (earlier_data_file, interruption, commands, recovered) = (None, None, 0, 0);
        Simulation {
            random,
            mode,
            home,
            disk,
            committer: Some(committer),
            earlier_data_file,
            current,
            possible,
            history,
            interruption,
            commands,
            recovered,
        }
    }

    /// Runs some lives. Returns the number of recovered states.
    fn run(mut self) -> usize {
        for _ in 0..self.random.u8(2..8) {
            for _ in 0..self.random.u8(1..24) {
                match self.random.u8(..12) {
                    0 => self.start_checkpoint(),
                    1 => self.finish_checkpoint(),
                    _ => self.run_commands(),
                }
                if self.interruption.is_some() {
                    break;
                }
            }
            let is_stop = self.interruption.is_none() && self.random.u8(..8) == 0;
            let data_file = self.end_life(is_stop);
            if let Some((disk, possible)) = self.interruption.take() {
                (self.disk, self.possible) = (disk, possible);
            }
            let is_kill = is_stop || self.random.u8(..3) == 0;
            let seed = self.random.u64(..);
            let disk = if is_kill { self.disk.clone() } else { self.disk.after_power_loss(seed) };
            if !self.open_again(&data_file, disk) {
                break;
            }
        }
        self.recovered
    }

    fn start_checkpoint(&mut self) {
        self.finish_checkpoint();
        if self.committer().env.active_memtable_bytes() > 0 {
            self.earlier_data_file = self.random.bool().then(|| self.data_file());
            self.committer().start_checkpoint();
        }
    }

    fn finish_checkpoint(&mut self) {
        let Committer { checkpointer, wal, .. } = self.committer();
        checkpointer.finish_completed(true, wal).unwrap();
        self.earlier_data_file = None;
        let possible = self.possible.clone();
        self.check_copies(&possible);
    }

    /// Recovers states from the copies that the disk has kept. Returns the copies.
    fn check_copies(&mut self, allowed: &[Model]) -> Vec<SimulatedDisk> {
        let copies = self.disk.take_copies();
        for copy in &copies {
            for _ in 0..LOSSES {
                let left = copy.after_power_loss(self.random.u64(..));
                let found = self.committer().env.query_recovered(&left, |queries| Model::read(&queries));
                self.assert_allowed(found.map_err(|error| error.to_string()), allowed);
            }
        }
        copies
    }

    fn data_file(&self) -> Vec<u8> {
        fs::read(self.home.path().join(DATA_FILE)).unwrap()
    }

    fn read(&mut self) -> Model {
        self.committer().env.query(|queries| Model::read(&queries)).unwrap()
    }

    /// Runs one to three commands as a batch. Recovers states of copies that the disk kept meanwhile.
    fn run_commands(&mut self) {
        let steps: Vec<Step> = (0..self.random.u8(1..=3))
            .map(|_| {
                self.commands += 1;
                Step::draw(&mut self.random, self.commands)
            })
            .collect();
        let mut allowed = self.possible.clone();
        allowed.extend(self.current.after_any_of(&steps));
        let now = self.commands.cast_signed();
        let (batch, answers): (Vec<_>, Vec<_>) = steps.iter().map(|step| step.queued(now)).unzip();
        let failed_before = self.failed_commits();
        self.committer().write(batch);
        let is_retried = self.failed_commits() > failed_before + 1;
        let outcomes: Vec<Outcome> = answers.into_iter().map(|answer| answer()).collect();
        let copies = self.check_copies(&allowed);
        self.settle(&steps, &outcomes, is_retried);
        self.history.extend_from_slice(&allowed);
        let interrupted = copies.into_iter().rfind(|_| self.random.u8(..32) == 0);
        self.interruption = interrupted.map(|disk| (disk, allowed));
        assert_eq!(self.read(), self.current, "{steps:?} had {outcomes:?}");
    }

    fn failed_commits(&mut self) -> u64 {
        self.committer().counters.failed_commits.load(Relaxed)
    }

    /// Updates the state and the possible ones by the answers to a batch. `is_retried` is true if each command was
    /// committed alone.
    fn settle(&mut self, steps: &[Step], outcomes: &[Outcome], is_retried: bool) {
        if !is_retried && outcomes.iter().all(|outcome| *outcome == Outcome::Unknown) {
            let mut whole = self.current.clone();
            for step in steps {
                _ = whole.apply(*step);
            }
            return self.possible.push(whole);
        }
        for (step, outcome) in steps.iter().zip(outcomes) {
            let mut next = self.current.clone();
            let is_accepted = next.apply(*step);
            match outcome {
                Outcome::Ok | Outcome::Rejected => {
                    assert_eq!(is_accepted, *outcome == Outcome::Ok, "{step:?}");
                    // A record after one of unknown outcome voids that one.
                    if next != self.current {
                        self.possible = vec![next.clone()];
                        self.current = next;
                    }
                }
                Outcome::Failed => (),
                Outcome::Unknown => self.possible.push(next),
            }
        }
    }

    fn assert_allowed(&mut self, found: Result<Model, String>, allowed: &[Model]) {
        self.recovered += 1;
        let is_earlier = |found: &Model| self.history.contains(found) || allowed.contains(found);
        match found {
            Ok(found) if self.mode.may_lose_writes => assert!(is_earlier(&found), "{found:?} was never true"),
            Err(error) => assert!(self.mode.may_lose_writes, "{error}"),
            Ok(found) => assert!(
                allowed.contains(&found),
                "recovered {found:?}, which is {}, expected one of {allowed:?}",
                if is_earlier(&found) { "an earlier state" } else { "no earlier state" }
            ),
        }
    }

    /// Ends a life by a stop, a kill or a power loss. Returns the data file that it leaves.
    fn end_life(&mut self, is_stop: bool) -> Vec<u8> {
        let earlier = self.earlier_data_file.take();
        if is_stop {
            let committer = self.committer.take().expect("the store is open");
            let outcome = committer.shut_down();
            assert!(outcome.is_ok() || self.possible.len() > 1, "{outcome:?}");
        } else if let Some(earlier) = earlier {
            return earlier;
        } else {
            self.finish_checkpoint();
        }
        self.data_file()
    }

    /// Opens the store again, perhaps after an attempt with faults. Returns false if it does not open.
    fn open_again(&mut self, data_file: &[u8], mut disk: SimulatedDisk) -> bool {
        if self.random.u8(..4) == 0 {
            disk.set_faults(self.mode.faults);
            drop(open(Some(data_file), &disk));
            if self.random.bool() {
                disk = disk.after_power_loss(self.random.u64(..));
            }
        }
        disk.set_faults(Faults::default());
        let possible = std::mem::take(&mut self.possible);
        let (home, committer) = match open(Some(data_file), &disk) {
            Ok(opened) => opened,
            Err(error) => {
                self.assert_allowed(Err(error), &possible);
                return false;
            }
        };
        // The copies are of the life before.
        disk.take_copies();
        disk.set_faults(self.mode.faults);
        (self.home, self.committer, self.disk) = (home, Some(committer), disk);
        let found = self.read();
        self.assert_allowed(Ok(found.clone()), &possible);
        let report = self.committer().env.query(integrity_check::check).unwrap();
        assert!(report.is_clean(), "{report}");
        self.possible = vec![found.clone()];
        self.current = found;
        true
    }

    fn committer(&mut self) -> &mut Committer {
        self.committer.as_mut().expect("the store is open")
    }
}
