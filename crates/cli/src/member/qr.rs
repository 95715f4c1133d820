//! `guanxi login --qr` and `guanxi confirm`: QR codes for login.

use super::context::ClientContext;
use super::prompt::prompt;
use super::sanitize;
use crate::{Failure, terminal};
use console::Term;
use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, QRCode};
use guanxi_api::login::cancel_qr_code::CancelQrCode;
use guanxi_api::login::confirm_qr_code::ConfirmQrCode;
use guanxi_api::login::create_qr_code::{CreateQrCode, CreatedQrCode};
use guanxi_api::login::poll_qr_code::{PollQrCode, QrCodeState, QrCodeStatus};
use guanxi_api::login::scan_qr_code::ScanQrCode;
use guanxi_client::Client;
use guanxi_domain::day::format_time;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The content of the QR code: its URL, or only the key.
    code: String,
    /// Confirm without asking.
    #[arg(long)]
    yes: bool,
}

/// The interval between requests for the status of a QR code.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The width of the quiet zone around a QR code, in modules.
const QUIET_ZONE: usize = 4;

/// Shows a QR code and waits for its confirmation.
pub(crate) async fn wait_for_confirmation(client: &Client) -> Result<QrCodeState, Failure> {
    let CreatedQrCode { key, url, expires_in, .. } = client.send(&CreateQrCode {}).await?;
    if let Some((_, width)) = Term::stderr().size_checked() {
        let code = encode(&url)?;
        let needed = code.size + 2 * QUIET_ZONE;
        if needed <= usize::from(width) {
            terminal::note(format_args!("{}", render(&code)));
        } else {
            terminal::note(format_args!("the QR code needs {needed} columns, the terminal has {width}"));
        }
    }
    terminal::note(format_args!("{}", sanitize::single_line(&url)));
    terminal::note(format_args!("scan it, or run `guanxi confirm`, within {expires_in} seconds"));
    let mut is_scanned = false;
    loop {
        let polled = client.send(&PollQrCode { key: key.clone() }).await?;
        match polled.status {
            QrCodeStatus::Confirmed => return Ok(polled),
            QrCodeStatus::Expired => return Err("the QR code expired without a confirmation".into()),
            QrCodeStatus::Scanned if !is_scanned => {
                is_scanned = true;
                terminal::note(format_args!("scanned, waiting for the confirmation"));
            }
            QrCodeStatus::Scanned | QrCodeStatus::Waiting => {}
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Encodes a text with the lowest error correction level, since a screen does not damage the code.
fn encode(text: &str) -> Result<QRCode, Failure> {
    Ok(QRBuilder::new(text).ecl(ECL::L).build().map_err(|_| "the URL is too long for a QR code")?)
}

/// Renders a code with half blocks, two rows of modules per line, black on white regardless of the terminal's
/// colours.
fn render(code: &QRCode) -> String {
    const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
    const RESET: &str = "\u{1b}[0m";
    let is_dark = |row: usize, column: usize| {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < code.size);
        matches!((inside(row), inside(column)), (Some(row), Some(column)) if code[row][column].value())
    };
    let size = code.size + 2 * QUIET_ZONE;
    let line = |row: usize| {
        let blocks = (0..size).map(|column| match (is_dark(row, column), is_dark(row + 1, column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        format!("{BLACK_ON_WHITE}{}{RESET}", blocks.collect::<String>())
    };
    (0..size).step_by(2).map(line).collect::<Vec<String>>().join("\n")
}

/// Shows the origin of a login request, and confirms it after a question.
pub(crate) async fn confirm(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    let key = args.code.rsplit_once("key=").map_or(args.code.as_str(), |(_, key)| key).to_owned();
    let request = context.send(&ScanQrCode { key: key.clone() }).await?;
    let origin =
        [&request.device, &request.place, &request.ip].map(|text| sanitize::single_line(text)).join(", ");
    terminal::note(format_args!("login request from {origin} at {}", format_time(request.time)));
    if !args.yes {
        let answer = prompt("Confirm the login? [y/N] ", Term::read_line)?;
        if !["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
            // The other device learns that nobody will confirm its code.
            context.send(&CancelQrCode { key }).await?;
            return Err("not confirmed".into());
        }
    }
    context.send(&ConfirmQrCode { key }).await?;
    context.print_result(&(), || vec!["confirmed: the other device is logged in as you".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qr_code_has_a_quiet_zone() {
        let code = encode("http://127.0.0.1:8080/").unwrap();
        let lines: Vec<String> =
            render(&code).lines().map(|line| console::strip_ansi_codes(line).into_owned()).collect();
        let size = code.size + 8;
        assert_eq!(lines.len(), size.div_ceil(2));
        assert!(lines.iter().all(|line| line.chars().count() == size), "{lines:?}");
        assert!(lines[..2].iter().all(|line| line.trim().is_empty()), "the quiet zone is four squares high");
        // A finder pattern begins with seven dark modules. Below them the inner five are light.
        assert!(lines[2].starts_with("    █▀▀▀▀▀█ "), "{}", lines[2]);
    }

    #[test]
    fn rendered_qr_code_is_readable() {
        const SCALE: usize = 4;
        let url = "https://members.example.cn/passport/qrcode/confirm?key=515a31a8415407f23947fa766b0931af";
        let drawn = render(&encode(url).unwrap());
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
