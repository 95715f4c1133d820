//! Fields of forms, with the error that a redisplayed form shows at one of them.

use super::flash::Flash;

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormField<'p> {
    /// Id of the field's element.
    pub id: &'p str,
    /// Id of the element with a hint; empty if there is none.
    pub hint: &'p str,
    /// Text of the error, in an element whose id is that of the field with `-error`.
    pub error: Option<&'p str>,
}

impl<'p> FormField<'p> {
    /// Returns the field `name` of the form that posts to the endpoint `form`.
    pub fn new(
        flash: Option<&'p Flash>,
        form: &str,
        name: &str,
        id: &'p str,
        hint: &'p str,
    ) -> FormField<'p> {
        let flash = flash.filter(|flash| flash.is_of(form) && flash.field == Some(name));
        FormField { id, hint, error: flash.map(|flash| flash.message.as_str()) }
    }

    /// Returns the ids of the elements that describe the field; empty if there are none.
    pub fn description(&self) -> String {
        let error = self.error.map(|_| format!("{}-error", self.id));
        let ids = error.into_iter().chain((!self.hint.is_empty()).then(|| self.hint.to_owned()));
        ids.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::language::Language;
    use super::*;
    use crate::http::response::ApiError;
    use guanxi_api::params::Params;
    use guanxi_types::ErrorCode;

    #[test]
    fn error_stands_at_one_field_of_one_form() {
        let error = ApiError::Code(ErrorCode::WrongCredentials);
        let flash = Flash::from_error(&error, "/passport/tel", Params::default(), Language::Chinese);
        let field = |form, name| FormField::new(Some(&flash), form, name, "id", "hint");
        let refused = field("/passport/tel", "password");
        assert_eq!(refused.error, Some(flash.message.as_str()));
        assert_eq!(refused.description(), "id-error hint");
        for (form, name) in [("/passport/tel", "tel"), ("/passport/mail", "password")] {
            assert_eq!((field(form, name).error, field(form, name).description().as_str()), (None, "hint"));
        }
        assert_eq!(FormField::new(None, "/passport/tel", "password", "id", "").description(), "");
    }
}
