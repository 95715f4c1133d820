//! A command that waits for the transaction which it shares with others.

use crate::commands::Command;
use crate::{CommandError, StorageError};
use guanxi_types::ErrorCode;
use std::any::type_name;
use std::fmt;
use tokio::sync::oneshot;

/// A command of any type that waits. It may be applied several times. Only the last result counts.
pub(crate) trait Pending: Send + fmt::Debug {
    /// True if the caller no longer waits for the answer.
    fn is_abandoned(&self) -> bool;

    /// Sends the recorded answer if the commit succeeded, else the storage error.
    fn reply(self: Box<Self>, outcome: Result<(), StorageError>);
}

/// A command that waits, with its answer so far.
pub(crate) struct PendingCommand<C: Command> {
    pub(crate) command: C,
    answer: Option<Result<C::Output, ErrorCode>>,
    reply: oneshot::Sender<Result<C::Output, CommandError>>,
}

/// The answer to the caller of a command.
pub(crate) type Answer<C> = oneshot::Receiver<Result<<C as Command>::Output, CommandError>>;

impl<C: Command> PendingCommand<C> {
    pub(crate) fn new(command: C) -> (PendingCommand<C>, Answer<C>) {
        let (reply, answer) = oneshot::channel();
        (PendingCommand { command, answer: None, reply }, answer)
    }

    /// Records the result of the applied command. Returns an error that makes the transaction unusable.
    pub(crate) fn record(
        &mut self,
        result: Result<C::Output, CommandError>,
        has_written: bool,
    ) -> Result<(), StorageError> {
        self.answer = Some(match result {
            Ok(output) => Ok(output),
            Err(CommandError::Rejected(code)) if !has_written => Err(code),
            // Its writes must not be committed with those of other commands.
            Err(CommandError::Rejected(_)) => {
                return Err(StorageError::engine("a command was rejected after it had written"));
            }
            Err(CommandError::Fault(error)) => return Err(error),
        });
        Ok(())
    }
}

impl<C: Command> fmt::Debug for PendingCommand<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(type_name::<C>())
    }
}

impl<C: Command> Pending for PendingCommand<C> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn reply(self: Box<Self>, outcome: Result<(), StorageError>) {
        let answer = match outcome {
            Ok(()) => self.answer.unwrap_or(Err(ErrorCode::BadRequest)).map_err(CommandError::Rejected),
            Err(error) => Err(CommandError::Fault(error)),
        };
        // The caller may have gone. The write is durable anyway.
        let _ = self.reply.send(answer);
    }
}
