//! Who may call an endpoint. Each rule is a type whose [`Auth::Who`] reaches the handler, so that nothing is unwrapped.

use guanxi_types::{ErrorCode, Mid};

/// What a request brought to identify its sender.
pub trait AuthContext {
    /// The member of the live session named by `SESSDATA`, if there is one.
    fn session(&self) -> Option<Mid>;
    /// Whether the `csrf` parameter is the session's `bili_jct` (D6).
    fn csrf(&self) -> bool;
    /// Whether there is a cookie `DedeUserID` that is neither empty nor 0.
    fn has_dede_user_id(&self) -> bool;
    /// Whether a browser says that a page of another site sent the request.
    fn cross_site(&self) -> bool;
}

/// A rule of who may call.
pub trait Auth {
    /// What the handler knows of the caller.
    type Caller: Send + std::fmt::Debug;
    /// The rule as a value, for documents and tests.
    const NEEDS: AuthRequirement;

    /// The caller, or why not. -101 wins over -111 (D4).
    fn admit(visitor: &impl AuthContext) -> Result<Self::Caller, ErrorCode>;
}

/// The rules of [`Auth`] as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthRequirement {
    /// [`Open`].
    Nothing,
    /// [`Login`].
    Session,
    /// [`NamedLogin`].
    SessionAndName,
    /// [`Write`].
    SessionAndCsrf,
    /// [`Knock`].
    CsrfIfSession,
}

/// Anyone; a login only widens the answer.
#[derive(Clone, Copy, Debug)]
pub enum Public {}

/// A live session.
#[derive(Clone, Copy, Debug)]
pub enum Session {}

/// A live session, and a cookie `DedeUserID` that is neither empty nor 0, whoever it names (D9).
#[derive(Clone, Copy, Debug)]
pub enum SessionMatchingUidCookie {}

/// A live session, and a `csrf` parameter equal to its `bili_jct`.
#[derive(Clone, Copy, Debug)]
pub enum SessionWithCsrf {}

/// A write of somebody who need not be logged in yet. Who is needs the `csrf` all the same, and no other site's page may send
/// it, or it could log its visitors in as somebody else.
#[derive(Clone, Copy, Debug)]
pub enum AnonymousWrite {}

impl Auth for Public {
    type Caller = Option<Mid>;
    const NEEDS: AuthRequirement = AuthRequirement::Nothing;

    fn admit(visitor: &impl AuthContext) -> Result<Option<Mid>, ErrorCode> {
        Ok(visitor.session())
    }
}

impl Auth for Session {
    type Caller = Mid;
    const NEEDS: AuthRequirement = AuthRequirement::Session;

    fn admit(visitor: &impl AuthContext) -> Result<Mid, ErrorCode> {
        visitor.session().ok_or(ErrorCode::NotLoggedIn)
    }
}

impl Auth for SessionMatchingUidCookie {
    type Caller = Mid;
    const NEEDS: AuthRequirement = AuthRequirement::SessionAndName;

    fn admit(visitor: &impl AuthContext) -> Result<Mid, ErrorCode> {
        let me = Session::admit(visitor)?;
        if visitor.has_dede_user_id() { Ok(me) } else { Err(ErrorCode::NotLoggedIn) }
    }
}

impl Auth for SessionWithCsrf {
    type Caller = Mid;
    const NEEDS: AuthRequirement = AuthRequirement::SessionAndCsrf;

    fn admit(visitor: &impl AuthContext) -> Result<Mid, ErrorCode> {
        let me = Session::admit(visitor)?;
        if visitor.csrf() { Ok(me) } else { Err(ErrorCode::BadCsrf) }
    }
}

impl Auth for AnonymousWrite {
    type Caller = Option<Mid>;
    const NEEDS: AuthRequirement = AuthRequirement::CsrfIfSession;

    fn admit(visitor: &impl AuthContext) -> Result<Option<Mid>, ErrorCode> {
        let me = visitor.session();
        let forged = visitor.cross_site() || me.is_some() && !visitor.csrf();
        if forged { Err(ErrorCode::BadCsrf) } else { Ok(me) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session's member, whether the csrf is right, whether there is a `DedeUserID`, whether the page is another site's.
    struct Brought(Option<u64>, bool, bool, bool);

    impl AuthContext for Brought {
        fn session(&self) -> Option<Mid> {
            self.0.and_then(Mid::new)
        }
        fn csrf(&self) -> bool {
            self.1
        }
        fn has_dede_user_id(&self) -> bool {
            self.2
        }
        fn cross_site(&self) -> bool {
            self.3
        }
    }

    #[test]
    fn who_may_knock() {
        let me = Mid::new(7);
        let cases = [
            (Brought(None, false, false, false), Ok(None)),
            (Brought(None, true, false, false), Ok(None)),
            (Brought(None, false, false, true), Err(ErrorCode::BadCsrf)),
            (Brought(Some(7), false, false, false), Err(ErrorCode::BadCsrf)),
            (Brought(Some(7), true, false, false), Ok(me)),
            (Brought(Some(7), true, false, true), Err(ErrorCode::BadCsrf)),
        ];
        for (brought, expected) in cases {
            assert_eq!(AnonymousWrite::admit(&brought), expected);
        }
    }

    #[test]
    fn who_is_admitted() {
        use ErrorCode::{BadCsrf, NotLoggedIn};
        let me = Mid::new(7).unwrap();
        // (session, csrf, DedeUserID) -> open, login, named, write
        #[rustfmt::skip]
        let cases = [
            (Brought(None, false, false, false),   Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (Brought(None, true, true, false),     Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (Brought(Some(7), false, false, false), Ok(Some(me)), Ok(me),          Err(NotLoggedIn), Err(BadCsrf)),
            (Brought(Some(7), false, true, false), Ok(Some(me)), Ok(me),           Ok(me),           Err(BadCsrf)),
            (Brought(Some(7), true, true, false),  Ok(Some(me)), Ok(me),           Ok(me),           Ok(me)),
        ];
        for (brought, open, login, named, write) in cases {
            assert_eq!(Public::admit(&brought), open);
            assert_eq!(Session::admit(&brought), login);
            assert_eq!(SessionMatchingUidCookie::admit(&brought), named);
            assert_eq!(SessionWithCsrf::admit(&brought), write);
        }
    }
}
