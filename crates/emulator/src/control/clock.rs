//! The clock of a community.

use super::ControlRequest;
use guanxi_api::emulator::get_clock::{Data, GetClock};
use guanxi_api::emulator::set_clock::SetClock;
use guanxi_server::App;
use guanxi_server::clock::{Clock, ClockReading};
use guanxi_server::http::response::ApiError;
use guanxi_server::jobs::scheduler;

pub(super) async fn get_clock(
    ControlRequest { app, .. }: ControlRequest<GetClock>,
) -> Result<Data, ApiError> {
    Ok(data(&app))
}

/// Changes the clock, and runs the work that became due.
pub(super) async fn set_clock(
    ControlRequest { app, request, .. }: ControlRequest<SetClock>,
) -> Result<Data, ApiError> {
    let SetClock { time, advance, frozen } = request.params;
    if time.is_some_and(|time| !(0..=Clock::MAX_SECOND).contains(&time)) {
        return Err(ApiError::InvalidRequest(format!(
            "time must be a number from 0 to {}",
            Clock::MAX_SECOND
        )));
    }
    let millis = |seconds: i64| seconds.saturating_mul(1_000);
    app.clock.adjust(|reading| ClockReading {
        millis: time.map_or(reading.millis, millis).saturating_add(millis(advance.unwrap_or(0))),
        is_frozen: frozen.unwrap_or(reading.is_frozen),
    });
    scheduler::run_until_idle(&app).await?;
    Ok(data(&app))
}

fn data(app: &App) -> Data {
    let reading = app.clock.reading();
    Data { time: reading.millis.div_euclid(1_000), frozen: reading.is_frozen }
}
