//! Access rules of endpoints. Each rule is a type. Its [`Auth::Caller`] reaches the handler, so that a handler
//! unwraps nothing.

use guanxi_types::{ErrorCode, Mid};

/// The credentials of a request.
pub trait AuthContext {
    /// Returns the member of the live session in `SESSDATA`.
    fn session(&self) -> Option<Mid>;
    /// True if the parameter `csrf` equals the `bili_jct` of the session (D6).
    fn csrf_matches(&self) -> bool;
    /// True if the cookie `DedeUserID` is present, and neither empty nor 0.
    fn has_dede_user_id(&self) -> bool;
    /// True if the browser reports that a page of another site sent the request.
    fn is_cross_site(&self) -> bool;
}

/// An access rule.
pub trait Auth {
    /// The caller as the handler gets it.
    type Caller: Send + std::fmt::Debug;
    /// The rule as a value, for documents and tests.
    const REQUIREMENT: AuthRequirement;

    /// Returns the caller, or the code of the rejection. -101 takes precedence over -111 (D4).
    fn authenticate(context: &impl AuthContext) -> Result<Self::Caller, ErrorCode>;
}

/// The rules of [`Auth`] as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthRequirement {
    /// The rule [`Public`].
    Public,
    /// The rule [`Session`].
    Session,
    /// The rule [`SessionMatchingUidCookie`].
    SessionMatchingUidCookie,
    /// The rule [`SessionWithCsrf`].
    SessionWithCsrf,
    /// The rule [`AnonymousWrite`].
    AnonymousWrite,
}

/// The rule of public endpoints. A session is optional, and adds to the response.
#[derive(Clone, Copy, Debug)]
pub enum Public {}

/// The rule that requires a live session.
#[derive(Clone, Copy, Debug)]
pub enum Session {}

/// The rule that requires a live session, and a cookie `DedeUserID` that is neither empty nor 0. The value of the
/// cookie is not compared with the member (D9).
#[derive(Clone, Copy, Debug)]
pub enum SessionMatchingUidCookie {}

/// The rule that requires a live session, and a parameter `csrf` equal to its `bili_jct`.
#[derive(Clone, Copy, Debug)]
pub enum SessionWithCsrf {}

/// The rule of writes that need no session, such as a login. A request with a session still needs its `csrf`. A
/// page of another site is rejected, because it could log its visitors in as somebody else.
#[derive(Clone, Copy, Debug)]
pub enum AnonymousWrite {}

impl Auth for Public {
    type Caller = Option<Mid>;
    const REQUIREMENT: AuthRequirement = AuthRequirement::Public;

    fn authenticate(context: &impl AuthContext) -> Result<Option<Mid>, ErrorCode> {
        Ok(context.session())
    }
}

impl Auth for Session {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::Session;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, ErrorCode> {
        context.session().ok_or(ErrorCode::NotLoggedIn)
    }
}

impl Auth for SessionMatchingUidCookie {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::SessionMatchingUidCookie;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, ErrorCode> {
        let me = Session::authenticate(context)?;
        if context.has_dede_user_id() { Ok(me) } else { Err(ErrorCode::NotLoggedIn) }
    }
}

impl Auth for SessionWithCsrf {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::SessionWithCsrf;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, ErrorCode> {
        let me = Session::authenticate(context)?;
        if context.csrf_matches() { Ok(me) } else { Err(ErrorCode::InvalidCsrf) }
    }
}

impl Auth for AnonymousWrite {
    type Caller = Option<Mid>;
    const REQUIREMENT: AuthRequirement = AuthRequirement::AnonymousWrite;

    fn authenticate(context: &impl AuthContext) -> Result<Option<Mid>, ErrorCode> {
        let me = context.session();
        let is_forged = context.is_cross_site() || me.is_some() && !context.csrf_matches();
        if is_forged { Err(ErrorCode::InvalidCsrf) } else { Ok(me) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The member of the session, then true if the csrf matches, if `DedeUserID` is present, and if the request is
    /// cross-site.
    struct TestContext(Option<u64>, bool, bool, bool);

    impl AuthContext for TestContext {
        fn session(&self) -> Option<Mid> {
            self.0.and_then(Mid::new)
        }
        fn csrf_matches(&self) -> bool {
            self.1
        }
        fn has_dede_user_id(&self) -> bool {
            self.2
        }
        fn is_cross_site(&self) -> bool {
            self.3
        }
    }

    #[test]
    fn anonymous_write_rejects_forged_requests() {
        let me = Mid::new(7);
        let cases = [
            (TestContext(None, false, false, false), Ok(None)),
            (TestContext(None, true, false, false), Ok(None)),
            (TestContext(None, false, false, true), Err(ErrorCode::InvalidCsrf)),
            (TestContext(Some(7), false, false, false), Err(ErrorCode::InvalidCsrf)),
            (TestContext(Some(7), true, false, false), Ok(me)),
            (TestContext(Some(7), true, false, true), Err(ErrorCode::InvalidCsrf)),
        ];
        for (context, expected) in cases {
            assert_eq!(AnonymousWrite::authenticate(&context), expected);
        }
    }

    #[test]
    fn rules_accept_their_credentials_only() {
        use ErrorCode::{InvalidCsrf, NotLoggedIn};
        let me = Mid::new(7).unwrap();
        // Context -> `Public`, `Session`, `SessionMatchingUidCookie`, `SessionWithCsrf`.
        #[rustfmt::skip]
        let cases = [
            (TestContext(None, false, false, false),   Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (TestContext(None, true, true, false),     Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (TestContext(Some(7), false, false, false), Ok(Some(me)), Ok(me),          Err(NotLoggedIn), Err(InvalidCsrf)),
            (TestContext(Some(7), false, true, false), Ok(Some(me)), Ok(me),           Ok(me),           Err(InvalidCsrf)),
            (TestContext(Some(7), true, true, false),  Ok(Some(me)), Ok(me),           Ok(me),           Ok(me)),
        ];
        for (context, public, session, uid_cookie, csrf) in cases {
            assert_eq!(Public::authenticate(&context), public);
            assert_eq!(Session::authenticate(&context), session);
            assert_eq!(SessionMatchingUidCookie::authenticate(&context), uid_cookie);
            assert_eq!(SessionWithCsrf::authenticate(&context), csrf);
        }
    }
}
