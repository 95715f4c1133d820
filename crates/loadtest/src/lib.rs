//! A load of requests upon a service, and what came of it.
//!
//! | module | holds |
//! |---|---|
//! | [`load`] | the generator: connections, a schedule, answers, and how long each took |
//! | [`ask`] | what is asked: mixes of endpoints, for members drawn as a community draws them |
//! | [`kind`] | kinds of requests |
//! | [`shape`] | what is known of a made-up community without looking: who is who, and how popular |
//! | [`community`] | all of a made-up community: members, ties, sessions |
//! | [`known`] | what `bench run` is told of a community: its shape, and sessions of its members |
//! | [`limit`] | fixed bodies by the service's own HTTP loop: no service of this kind is faster |
//! | [`compare`] | a service and that limit, in turns, within one run |
//! | [`cpu`] | how much of a processor a process has had |
//! | [`report`] | a run as a table, as JSON, as a picture |
#![forbid(unsafe_code)]
#![expect(clippy::cast_precision_loss, reason = "what is counted here is far below 2^52")]

pub mod ask;
pub mod community;
pub mod compare;
pub mod cpu;
pub mod kind;
pub mod known;
pub mod limit;
pub mod load;
pub mod report;
pub mod shape;
