//! `guanxi login --qr`, and `guanxi confirm`: QR codes, drawn and said yes to.

use super::caller::Caller;
use super::harmless;
use super::prompt::ask;
use crate::{Failure, log};
use console::Term;
use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, QRCode};
use guanxi_api::api::passport::qrcode::confirm::{ConfirmQr, ScanQr};
use guanxi_api::api::passport::qrcode::{DrawQr, Drawn, PollQr, Polled, Status};
use guanxi_client::Client;
use guanxi_domain::day::time_at;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What the code says: its address, or the key alone.
    code: String,
    /// Do not ask first.
    #[arg(long)]
    yes: bool,
}

/// How often the service is asked how far a code is.
const PAUSE: Duration = Duration::from_secs(1);

/// How wide the quiet zone about a code has to be, in its own squares.
const QUIET: usize = 4;

/// Draws a code and waits until somebody has said yes to it.
pub(crate) async fn log_in(client: &Client) -> Result<Polled, Failure> {
    let Drawn { key, url, expires_in, .. } = client.send(&DrawQr {}).await?;
    if let Some((_, room)) = Term::stderr().size_checked() {
        let code = code(&url)?;
        let needed = code.size + 2 * QUIET;
        if needed <= usize::from(room) {
            log::tell(format_args!("{}", drawn(&code)));
        } else {
            log::tell(format_args!("the code takes {needed} columns, and here are {room}"));
        }
    }
    log::tell(format_args!("{}", harmless::line(&url)));
    log::tell(format_args!("scan it, or say yes to it with `guanxi confirm`: it waits {expires_in} seconds"));
    let mut is_scanned = false;
    loop {
        let polled = client.send(&PollQr { key: key.clone() }).await?;
        match polled.status {
            Status::Confirmed => return Ok(polled),
            Status::Expired => return Err("nobody said yes in time".into()),
            Status::Scanned if !is_scanned => {
                is_scanned = true;
                log::tell(format_args!("somebody is looking at it"));
            }
            Status::Scanned | Status::Waiting => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The smallest code that says a text. A screen shows it whole, so that little of it is spent on what may be damaged.
fn code(text: &str) -> Result<QRCode, Failure> {
    Ok(QRBuilder::new(text).ecl(ECL::L).build().map_err(|_| "the address is too long for a code")?)
}

/// A code in half blocks, two of its rows a line: black on white, whatever the terminal's colours are.
fn drawn(code: &QRCode) -> String {
    const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
    const AS_BEFORE: &str = "\u{1b}[0m";
    let is_dark = |row: usize, column: usize| {
        let within = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.size);
        matches!((within(row), within(column)), (Some(row), Some(column)) if code[row][column].value())
    };
    let size = code.size + 2 * QUIET;
    let line = |row: usize| {
        let blocks = (0..size).map(|column| match (is_dark(row, column), is_dark(row + 1, column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        format!("{BLACK_ON_WHITE}{}{AS_BEFORE}", blocks.collect::<String>())
    };
    (0..size).step_by(2).map(line).collect::<Vec<String>>().join("\n")
}

/// Shows who wants to log in by a code, and says yes to it if whoever sits here does.
pub(crate) async fn confirm(me: &Caller, args: &Args) -> Result<(), Failure> {
    let key = args.code.rsplit_once("key=").map_or(args.code.as_str(), |(_, key)| key).to_owned();
    let asked = me.ask(&ScanQr { key: key.clone() }).await?;
    let who = [&asked.device, &asked.place, &asked.ip].map(|text| harmless::line(text)).join(", ");
    log::tell(format_args!("{who} asked at {} to be logged in as you", time_at(asked.time)));
    if !args.yes {
        let answer = ask("Do you want that? [y/N] ", Term::read_line)?;
        if !["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
            return Err("you did not say yes".into());
        }
    }
    me.ask(&ConfirmQr { key }).await?;
    me.tell(&(), || vec!["they are logged in as you".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_in_white() {
        let code = code("http://127.0.0.1:8080/").unwrap();
        let lines: Vec<String> =
            drawn(&code).lines().map(|line| console::strip_ansi_codes(line).into_owned()).collect();
        let size = code.size + 8;
        assert_eq!(lines.len(), size.div_ceil(2));
        assert!(lines.iter().all(|line| line.chars().count() == size), "{lines:?}");
        assert!(lines[..2].iter().all(|line| line.trim().is_empty()), "the quiet zone is four squares high");
        // A finder pattern begins with seven dark squares, of which the inner five are light below.
        assert!(lines[2].starts_with("    █▀▀▀▀▀█ "), "{}", lines[2]);
    }

    #[test]
    fn a_phone_reads_what_was_drawn() {
        const SCALE: usize = 4;
        let url = "https://members.example.cn/passport/qrcode/confirm?key=515a31a8415407f23947fa766b0931af";
        let drawn = drawn(&code(url).unwrap());
        let lines = drawn.lines().map(|line| console::strip_ansi_codes(line).chars().collect::<Vec<char>>());
        let lines: Vec<Vec<char>> = lines.collect();
        let (width, height) = (lines[0].len() * SCALE, lines.len() * 2 * SCALE);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            let (letter, is_upper) = (lines[y / SCALE / 2][x / SCALE], (y / SCALE).is_multiple_of(2));
            let is_dark = letter == '█' || letter == if is_upper { '▀' } else { '▄' };
            if is_dark { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, url);
    }
}
