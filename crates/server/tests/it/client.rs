//! A client of the members' listener, with a cookie jar, an address and headers.

use crate::service::{Service, TestResponse};
use axum::body::Body;
use guanxi_api::params::{Multipart, encode_form};
use guanxi_server::http::client_info::PeerAddr;
use guanxi_server::session_token::Token;
use http::header::{AsHeaderName, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderName, HeaderValue, Request};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;

/// User agents of two browsers.
pub(crate) const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/// Cookies by name, each with its value and path.
type CookieJar = BTreeMap<String, (String, String)>;

/// A client that sends requests as a browser does.
pub(crate) struct TestClient<'s> {
    service: &'s Service,
    jar: Mutex<CookieJar>,
    peer: IpAddr,
    headers: Vec<(&'static str, String)>,
}

impl<'s> TestClient<'s> {
    /// Creates a client on loopback without cookies.
    pub(crate) fn new(service: &'s Service) -> TestClient<'s> {
        let peer = Ipv4Addr::LOCALHOST.into();
        TestClient { service, jar: Mutex::default(), peer, headers: Vec::new() }
    }

    /// Changes the client's address.
    pub(crate) fn with_address(self, address: &str) -> TestClient<'s> {
        TestClient { peer: address.parse().unwrap(), ..self }
    }

    /// Adds a header to every request.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> TestClient<'s> {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Returns a copy that sends its requests to another service.
    pub(crate) fn with_service<'t>(&self, service: &'t Service) -> TestClient<'t> {
        let jar = Mutex::new(self.jar.lock().unwrap().clone());
        TestClient { service, jar, peer: self.peer, headers: self.headers.clone() }
    }

    /// Returns a cookie of the jar.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).map(|(value, _)| value.clone())
    }

    /// Puts a cookie into the jar.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), (value.to_owned(), "/".to_owned()));
    }

    /// Returns the session token, an empty one without a session.
    pub(crate) fn token(&self) -> Token {
        Token::from_text(self.cookie("SESSDATA").unwrap_or_default())
    }

    /// Returns the CSRF token, empty without a session.
    pub(crate) fn csrf(&self) -> String {
        self.cookie("SESSDATA").map(|_| self.token().csrf()).unwrap_or_default()
    }

    /// Returns the cookies for the root path.
    pub(crate) fn cookies(&self) -> String {
        self.cookies_for("/")
    }

    fn cookies_for(&self, uri: &str) -> String {
        let path = uri.split('?').next().unwrap_or_default();
        let matches = |cookie_path: &str| {
            cookie_path == "/"
                || path.strip_prefix(cookie_path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let jar = self.jar.lock().unwrap();
        let cookies = jar.iter().filter(|(_, (_, cookie_path))| matches(cookie_path));
        cookies.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts a form with the CSRF token appended.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let csrf = self.csrf();
        let form = form.iter().copied().chain([("csrf", csrf.as_str())]);
        self.post_raw(path, &encode_form(form)).await
    }

    /// Posts a form without changes.
    pub(crate) async fn post_raw(&self, path: &str, form: &str) -> TestResponse {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    /// Posts a multipart form with a file, and the CSRF token unless the form has one.
    pub(crate) async fn post_file(
        &self,
        path: &str,
        name: &str,
        file: &[u8],
        form: &[(&str, &str)],
    ) -> TestResponse {
        let csrf = self.csrf();
        let form = form.iter().copied().chain([("csrf", csrf.as_str())]);
        let pairs = form.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let Multipart { content_type, body } = Multipart::new(pairs, name, file);
        self.send(Request::post(path).header(CONTENT_TYPE, content_type), Body::from(body)).await
    }

    /// Sends a form by any method.
    pub(crate) async fn request(&self, method: &str, path: &str, form: &str) -> TestResponse {
        self.send(Request::builder().method(method).uri(path), Body::from(form.to_owned())).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> TestResponse {
        let mut request = request.body(body).unwrap();
        let cookies = self.cookies_for(request.uri().path());
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, HeaderValue::try_from(cookies).unwrap());
        }
        for (name, value) in &self.headers {
            request
                .headers_mut()
                .append(HeaderName::from_static(name), HeaderValue::try_from(value).unwrap());
        }
        request.extensions_mut().insert(PeerAddr(SocketAddr::new(self.peer, 4711)));
        let response = self.service.send(request).await;
        for cookie in response.cookies() {
            self.store_cookie(&cookie);
        }
        response
    }

    /// Stores a cookie, or removes an expired one.
    fn store_cookie(&self, cookie: &SetCookie) {
        let mut jar = self.jar.lock().unwrap();
        if cookie.attribute("Max-Age") == Some("0") {
            jar.remove(&cookie.name);
        } else {
            let path = cookie.attribute("Path").unwrap_or("/").to_owned();
            jar.insert(cookie.name.clone(), (cookie.value.clone(), path));
        }
    }

    /// Changes the relation to a member and returns the code.
    pub(crate) async fn change_relation(&self, act: u8, fid: u64) -> i64 {
        self.post("/x/relation/modify", &[("fid", &fid.to_string()), ("act", &act.to_string())]).await.code()
    }

    /// Signs up with the default password and returns the mid.
    pub(crate) async fn sign_up(&self, uname: &str, optional: &[(&str, &str)]) -> u64 {
        let form = [&[("uname", uname), ("password", PASSWORD)], optional].concat();
        self.post("/passport/signup", &form).await.data()["mid"].as_u64().unwrap()
    }

    /// Logs in by password.
    pub(crate) async fn log_in(&self, account: &str, password: &str) -> TestResponse {
        self.post("/passport/login", &[("account", account), ("password", password)]).await
    }

    /// Returns true if the session is valid.
    pub(crate) async fn is_logged_in(&self) -> bool {
        self.get("/x/member/web/account").await.code() == 0
    }
}

/// Password of members who sign up in tests.
pub(crate) const PASSWORD: &str = "膜法指导 8 号";

/// A cookie of a `Set-Cookie` header.
#[derive(Clone, Debug)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) attributes: Vec<String>,
}

impl SetCookie {
    /// Returns the value of an attribute, if present.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| attribute.strip_prefix(name)?.strip_prefix('='))
    }
}

impl TestResponse {
    /// Returns the cookies that the response sets.
    pub(crate) fn cookies(&self) -> Vec<SetCookie> {
        let lines = self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        lines
            .map(|line| {
                let mut parts = line.split("; ").map(str::to_owned);
                let first = parts.next().unwrap();
                let (name, value) = first.split_once('=').unwrap();
                SetCookie { name: name.to_owned(), value: value.to_owned(), attributes: parts.collect() }
            })
            .collect()
    }

    /// Returns a header, empty if it is absent.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the target of a redirect after a form.
    pub(crate) fn redirect_target(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text());
        self.header(LOCATION)
    }

    /// Returns the seconds of `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<i64> {
        self.headers.get(http::header::RETRY_AFTER).map(|value| value.to_str().unwrap().parse().unwrap())
    }
}
