//! `POST /passport/birthday`: changes the caller's birthday.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::change_birthday::ChangeBirthday;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeProfile, ProfileField};

/// Changes the caller's birthday, or removes it.
pub async fn change_birthday(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ChangeBirthday>,
) -> Result<(), ApiError> {
    let invalid = BadParam { name: "birthday", reason: InvalidValue("is not a day from 1900 to today") };
    let birthday = params.birthday.map(|day| day::parse_birthday(&day.0, now).ok_or(invalid)).transpose()?;
    Ok(app.store.run(ChangeProfile { me, field: ProfileField::Birthday(birthday) }).await?)
}
