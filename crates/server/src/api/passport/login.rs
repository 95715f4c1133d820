//! `POST /passport/login`: a member logs in by password.

use crate::answer::{Reject, Told};
use crate::app::App;
use crate::arrival::{arrival, cookies, whence};
use crate::call::Call;
use crate::meter::Outcome;
use crate::prove::{account_door, find, member_door, pass, prove};
use guanxi_store::Store;
use guanxi_store::command::{self, FailLogin};
use guanxi_store::row::How;
use guanxi_wire::Code;
use guanxi_wire::api::passport::login::LogIn;
use guanxi_wire::api::passport::signup::LoggedIn;

/// Logs a member in. A try that fails is recorded for the member it was made on.
pub async fn login(app: App, Call { req, now, sender, .. }: Call<LogIn>) -> Result<Told<LoggedIn>, Reject> {
    let account = req.account.0.trim();
    let found = find(&app, account).await?;
    let whence = whence(&app, &sender).await;
    let proved = prove(&app, &sender, found, account, req.password).await;
    let (mid, proof) = match (found, proved) {
        (Some(mid), Ok(proof)) => (mid, proof),
        (found, Err(Reject::Code(Code::WrongPassword))) => {
            app.meter.login(Outcome::Wrong);
            let door = account_door(found, account);
            app.store.run(FailLogin { mid: found, whence, door, now }).await?;
            return Err(Code::WrongPassword.into());
        }
        (_, Err(reject)) => return Err(reject),
        (None, Ok(_)) => return Err(Code::WrongPassword.into()),
    };
    // Each right login is kept, so there is an end to them too.
    pass(&app, vec![(member_door(b"logins", mid), app.limits.logins)], now).await?;
    let (token, arrival) = arrival(&app, How::Password, whence, now);
    let (seen, anew, passed) = (proof.seen, proof.anew, proof.passed);
    app.store.run(command::LogIn { me: mid, seen, anew, passed, arrival, now }).await?;
    app.meter.login(Outcome::Password);
    Ok(Told::with(LoggedIn { mid }, cookies(&app, &sender, mid, &token)))
}
