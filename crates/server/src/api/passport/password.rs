//! `POST /passport/password`: a new password.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::prove::{Wanted, prove_again};
use guanxi_store::Store;
use guanxi_store::command;
use guanxi_store::row::{Account, Card};
use guanxi_wire::Code;
use guanxi_wire::api::passport::password::ChangePassword;

/// Changes one's password, and ends one's other sessions.
pub async fn password(
    app: App,
    Call { who: me, req, sender, .. }: Call<ChangePassword>,
) -> Result<(), Reject> {
    let keep = sender.token.as_ref().ok_or(Code::NotLoggedIn)?.hash();
    let (card, account): (Option<Card>, Option<Account>) =
        (app.store.get(me).await?, app.store.get(me).await?);
    let (uname, userid) = (card.map(|card| card.uname), account.map(|account| account.userid));
    let about = [uname.as_deref().unwrap_or_default(), userid.as_deref().unwrap_or_default()];
    // Nothing is worked on for who has not proved who they are; and who has, has a place.
    let (wanted, place) = (Wanted::read(&app, req.new)?, app.passwords.place()?);
    let proof = prove_again(&app, &sender, me, req.old).await?;
    let next = wanted.keep(&app, place, &about).await?;
    let (seen, passed) = proof.map(|proof| (proof.seen, proof.passed)).unzip();
    Ok(app.store.run(command::ChangePassword { me, seen, next, keep, passed }).await?)
}
