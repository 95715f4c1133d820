//! Somebody who sends requests as browsers do: with cookies that they were given, from an address, with a device.

use crate::service::{Answer, Service};
use axum::body::Body;
use guanxi_api::params::encode;
use guanxi_server::sender::PeerAddr;
use guanxi_server::session::Token;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderName, HeaderValue, Request};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;

/// Cookies by name, each with the path that it is for.
type Jar = BTreeMap<String, (String, String)>;

/// Somebody who sends requests.
pub(crate) struct Browser<'s> {
    service: &'s Service,
    jar: Mutex<Jar>,
    peer: IpAddr,
    headers: Vec<(&'static str, String)>,
}

impl<'s> Browser<'s> {
    /// Somebody at the service's own machine, without a cookie.
    pub(crate) fn new(service: &'s Service) -> Browser<'s> {
        let peer = Ipv4Addr::LOCALHOST.into();
        Browser { service, jar: Mutex::default(), peer, headers: Vec::new() }
    }

    /// The same, at another address.
    pub(crate) fn from(self, address: &str) -> Browser<'s> {
        Browser { peer: address.parse().unwrap(), ..self }
    }

    /// The same, with a header in every request.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Browser<'s> {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A copy of it, which asks another service.
    pub(crate) fn at<'t>(&self, service: &'t Service) -> Browser<'t> {
        let jar = Mutex::new(self.jar.lock().unwrap().clone());
        Browser { service, jar, peer: self.peer, headers: self.headers.clone() }
    }

    /// A cookie that it has.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).map(|(value, _)| value.clone())
    }

    /// Puts a cookie into its jar.
    pub(crate) fn keep(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), (value.to_owned(), "/".to_owned()));
    }

    /// The token of its session; nobody's if there is none.
    pub(crate) fn token(&self) -> Token {
        Token::said(&self.cookie("SESSDATA").unwrap_or_default())
    }

    /// What it sends as csrf: nothing without a session.
    pub(crate) fn csrf(&self) -> String {
        self.cookie("SESSDATA").map(|_| self.token().csrf()).unwrap_or_default()
    }

    /// The cookies that it sends to the root.
    pub(crate) fn cookies(&self) -> String {
        self.cookies_for("/")
    }

    fn cookies_for(&self, uri: &str) -> String {
        let path = uri.split('?').next().unwrap_or_default();
        let below = |of: &str| {
            of == "/" || path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let jar = self.jar.lock().unwrap();
        let cookies = jar.iter().filter(|(_, (_, of))| below(of));
        cookies.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts a form, with the csrf behind it.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let form = form.iter().copied().chain([("csrf", csrf.as_str())]);
        self.post_bare(path, &encode(form)).await
    }

    /// Posts a form as it is.
    pub(crate) async fn post_bare(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Answer {
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
        let answer = self.service.send(request).await;
        for cookie in answer.cookies() {
            self.take(&cookie);
        }
        answer
    }

    /// Keeps a cookie that was set, or forgets one that was taken back.
    fn take(&self, cookie: &SetCookie) {
        let mut jar = self.jar.lock().unwrap();
        if cookie.attribute("Max-Age") == Some("0") {
            jar.remove(&cookie.name);
        } else {
            let path = cookie.attribute("Path").unwrap_or("/").to_owned();
            jar.insert(cookie.name.clone(), (cookie.value.clone(), path));
        }
    }

    /// Acts on the tie to a member; tells the code.
    pub(crate) async fn act(&self, act: u8, fid: u64) -> i64 {
        self.post("/x/relation/modify", &[("fid", &fid.to_string()), ("act", &act.to_string())]).await.code()
    }

    /// Signs up with what is usual; tells who that is.
    pub(crate) async fn sign_up(&self, uname: &str, more: &[(&str, &str)]) -> u64 {
        let form = [&[("uname", uname), ("password", PASSWORD)], more].concat();
        self.post("/passport/signup", &form).await.data()["mid"].as_u64().unwrap()
    }

    /// Logs in by password.
    pub(crate) async fn log_in(&self, account: &str, password: &str) -> Answer {
        self.post("/passport/login", &[("account", account), ("password", password)]).await
    }

    /// Whether it is logged in.
    pub(crate) async fn is_logged_in(&self) -> bool {
        self.get("/x/member/web/account").await.code() == 0
    }
}

/// The password of whoever signs up in tests.
pub(crate) const PASSWORD: &str = "膜法指导 8 号";

/// A cookie as it was set.
#[derive(Clone, Debug)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) attributes: Vec<String>,
}

impl SetCookie {
    /// The value of an attribute, if it is there.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| attribute.strip_prefix(name)?.strip_prefix('='))
    }
}

impl Answer {
    /// The cookies that it sets.
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

    /// The seconds that it says to wait.
    pub(crate) fn wait(&self) -> Option<i64> {
        self.headers.get(http::header::RETRY_AFTER).map(|value| value.to_str().unwrap().parse().unwrap())
    }
}
