//! Access rules of endpoints. Each rule is a type. Its [`Auth::Caller`] reaches the handler, so that a handler
//! unwraps nothing.

use guanxi_types::{ErrorCode, HttpError, Mid, Role};
use std::fmt;
use std::marker::PhantomData;

/// The credentials of a request. By default a request has none.
pub trait AuthContext {
    /// Returns the member of the live session in `SESSDATA`.
    fn session(&self) -> Option<Mid> {
        None
    }
    /// Returns true if the parameter `csrf` equals the `bili_jct` of the session (D6).
    fn csrf_matches(&self) -> bool {
        false
    }
    /// Returns true if the cookie `DedeUserID` is present, and neither empty nor 0.
    fn has_dede_user_id(&self) -> bool {
        false
    }
    /// Returns true if the browser reports that a page of another site sent the request.
    fn is_cross_site(&self) -> bool {
        false
    }
    /// Returns the name and the role of an operator's token.
    fn operator(&self) -> Option<(&str, Role)> {
        None
    }
}

/// An access rule.
pub trait Auth {
    /// The caller as the handler gets it.
    type Caller: Send + fmt::Debug;
    /// The rule as a value, for documents and tests.
    const REQUIREMENT: AuthRequirement;

    /// Returns the caller, or the reason of the rejection. -101 takes precedence over -111 (D4).
    fn authenticate(context: &impl AuthContext) -> Result<Self::Caller, AuthError>;
}

/// A rule of members' endpoints, whose parameters are a query or a form.
pub trait MemberAuth: Auth {}

/// A rule of operators' endpoints, whose parameters are a query or a JSON body.
pub trait OperatorAuth: Auth {}

/// The rejection of the credentials of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// The code of a member's rejection.
    Code(ErrorCode),
    /// The HTTP error of an operator's rejection.
    Http(HttpError),
}

impl From<ErrorCode> for AuthError {
    fn from(code: ErrorCode) -> AuthError {
        AuthError::Code(code)
    }
}

impl From<HttpError> for AuthError {
    fn from(error: HttpError) -> AuthError {
        AuthError::Http(error)
    }
}

/// The rules of [`Auth`] as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthRequirement {
    /// The rule [`Public`].
    Public,
    /// The rule [`Session`].
    Session,
    /// The rule [`SessionWithUidCookie`].
    SessionWithUidCookie,
    /// The rule [`SessionWithCsrf`].
    SessionWithCsrf,
    /// The rule [`AnonymousWrite`].
    AnonymousWrite,
    /// The rule [`Operator`], with the roles whose tokens may call the endpoint.
    Operator(&'static [Role]),
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
pub enum SessionWithUidCookie {}

/// The rule that requires a live session, and a parameter `csrf` equal to its `bili_jct`.
#[derive(Clone, Copy, Debug)]
pub enum SessionWithCsrf {}

/// The rule of writes that need no session, such as a login. A request with a session still needs its `csrf`. A
/// page of another site is rejected, because it could log its visitors in as somebody else.
#[derive(Clone, Copy, Debug)]
pub enum AnonymousWrite {}

/// The rule that requires an operator's token with one of the roles `R`. The caller is that of the roles: the name of
/// the token, unless the handler needs the role.
#[derive(Clone, Copy, Debug)]
pub struct Operator<R>(PhantomData<R>);

/// A set of operators' roles.
pub trait Roles {
    /// The caller as the handler gets it.
    type Caller: Send + fmt::Debug;
    /// The roles.
    const ROLES: &'static [Role];

    /// Returns the caller with a token.
    fn caller(name: &str, role: Role) -> Self::Caller;
}

/// Implements [`Roles`] for a set of roles whose handlers get the name of the token.
macro_rules! named_roles {
    ($($name:ident = [$($role:ident),+];)+) => {
        $(impl Roles for $name {
            type Caller = String;
            const ROLES: &'static [Role] = &[$(Role::$role),+];

            fn caller(name: &str, _: Role) -> String {
                name.to_owned()
            }
        })+
    };
}

named_roles! {
    AdminOnly = [Admin];
    AdminOrModerator = [Admin, Moderator];
    AdminOrIngest = [Admin, Ingest];
}

/// The role `admin`.
#[derive(Clone, Copy, Debug)]
pub enum AdminOnly {}

/// The roles `admin` and `moderator`.
#[derive(Clone, Copy, Debug)]
pub enum AdminOrModerator {}

/// The roles `admin` and `ingest`.
#[derive(Clone, Copy, Debug)]
pub enum AdminOrIngest {}

/// The roles `admin` and `moderator`, for a handler that permits them different actions.
#[derive(Clone, Copy, Debug)]
pub enum AdminOrModeratorByAction {}

impl Roles for AdminOrModeratorByAction {
    type Caller = (String, Role);
    const ROLES: &'static [Role] = AdminOrModerator::ROLES;

    fn caller(name: &str, role: Role) -> (String, Role) {
        (name.to_owned(), role)
    }
}

impl Auth for Public {
    type Caller = Option<Mid>;
    const REQUIREMENT: AuthRequirement = AuthRequirement::Public;

    fn authenticate(context: &impl AuthContext) -> Result<Option<Mid>, AuthError> {
        Ok(context.session())
    }
}

impl Auth for Session {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::Session;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, AuthError> {
        Ok(context.session().ok_or(ErrorCode::NotLoggedIn)?)
    }
}

impl Auth for SessionWithUidCookie {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::SessionWithUidCookie;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, AuthError> {
        let me = Session::authenticate(context)?;
        if context.has_dede_user_id() { Ok(me) } else { Err(ErrorCode::NotLoggedIn.into()) }
    }
}

impl Auth for SessionWithCsrf {
    type Caller = Mid;
    const REQUIREMENT: AuthRequirement = AuthRequirement::SessionWithCsrf;

    fn authenticate(context: &impl AuthContext) -> Result<Mid, AuthError> {
        let me = Session::authenticate(context)?;
        if context.csrf_matches() { Ok(me) } else { Err(ErrorCode::InvalidCsrf.into()) }
    }
}

impl Auth for AnonymousWrite {
    type Caller = Option<Mid>;
    const REQUIREMENT: AuthRequirement = AuthRequirement::AnonymousWrite;

    fn authenticate(context: &impl AuthContext) -> Result<Option<Mid>, AuthError> {
        let me = context.session();
        let is_forged = context.is_cross_site() || me.is_some() && !context.csrf_matches();
        if is_forged { Err(ErrorCode::InvalidCsrf.into()) } else { Ok(me) }
    }
}

impl<R: Roles> Auth for Operator<R> {
    type Caller = R::Caller;
    const REQUIREMENT: AuthRequirement = AuthRequirement::Operator(R::ROLES);

    fn authenticate(context: &impl AuthContext) -> Result<R::Caller, AuthError> {
        let (name, role) = context.operator().ok_or(HttpError::Unauthorized)?;
        if R::ROLES.contains(&role) { Ok(R::caller(name, role)) } else { Err(HttpError::Forbidden.into()) }
    }
}

impl<R: Roles> OperatorAuth for Operator<R> {}

impl MemberAuth for Public {}
impl MemberAuth for Session {}
impl MemberAuth for SessionWithUidCookie {}
impl MemberAuth for SessionWithCsrf {}
impl MemberAuth for AnonymousWrite {}

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
            assert_eq!(AnonymousWrite::authenticate(&context), expected.map_err(AuthError::Code));
        }
    }

    #[test]
    fn rules_accept_their_credentials_only() {
        use ErrorCode::{InvalidCsrf, NotLoggedIn};
        let me = Mid::new(7).unwrap();
        // Context -> `Public`, `Session`, `SessionWithUidCookie`, `SessionWithCsrf`.
        #[rustfmt::skip]
        let cases = [
            (TestContext(None, false, false, false),   Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (TestContext(None, true, true, false),     Ok(None),     Err(NotLoggedIn), Err(NotLoggedIn), Err(NotLoggedIn)),
            (TestContext(Some(7), false, false, false), Ok(Some(me)), Ok(me),          Err(NotLoggedIn), Err(InvalidCsrf)),
            (TestContext(Some(7), false, true, false), Ok(Some(me)), Ok(me),           Ok(me),           Err(InvalidCsrf)),
            (TestContext(Some(7), true, true, false),  Ok(Some(me)), Ok(me),           Ok(me),           Ok(me)),
        ];
        for (context, public, session, uid_cookie, csrf) in cases {
            assert_eq!(Public::authenticate(&context), public.map_err(AuthError::Code));
            assert_eq!(Session::authenticate(&context), session.map_err(AuthError::Code));
            assert_eq!(SessionWithUidCookie::authenticate(&context), uid_cookie.map_err(AuthError::Code));
            assert_eq!(SessionWithCsrf::authenticate(&context), csrf.map_err(AuthError::Code));
        }
    }

    struct TokenContext(Role);

    impl AuthContext for TokenContext {
        fn operator(&self) -> Option<(&str, Role)> {
            Some(("gateway", self.0))
        }
    }

    #[test]
    fn operator_rule_accepts_tokens_of_its_roles() {
        type Ingest = Operator<AdminOrIngest>;
        for role in [Role::Admin, Role::Ingest] {
            assert_eq!(Ingest::authenticate(&TokenContext(role)).unwrap(), "gateway");
        }
        assert_eq!(
            Ingest::authenticate(&TokenContext(Role::Moderator)),
            Err(AuthError::Http(HttpError::Forbidden))
        );
        let session = TestContext(Some(7), true, true, false);
        assert_eq!(Ingest::authenticate(&session), Err(AuthError::Http(HttpError::Unauthorized)));
        assert_eq!(
            Session::authenticate(&TokenContext(Role::Admin)),
            Err(AuthError::Code(ErrorCode::NotLoggedIn))
        );
    }
}
