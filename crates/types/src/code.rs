//! The one table of codes: number, name, message. Messages live nowhere else.

use http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $message:literal;)+) => {
        /// Why the contract refused a request. Each goes out as HTTP 200 (D2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name,)+];

            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self { $(ErrorCode::$name => $number,)+ }
            }

            /// When it is told.
            pub const fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// The message on the wire.
            pub const fn message(self) -> &'static str {
                match self { $(ErrorCode::$name => $message,)+ }
            }
        }
    };
}

codes! {
    /// No session, an expired or a revoked one.
    NotLoggedIn = -101, "账号未登录";
    /// `csrf` is missing or is not the session's.
    BadCsrf = -111, "csrf校验失败";
    /// A parameter is missing or malformed (D5).
    BadRequest = -400, "请求错误";
    /// The login log of somebody else.
    Forbidden = -403, "访问权限不足";
    /// The member named does not exist, where the endpoint has no other code for it (D39).
    NoMember = -404, "用户不存在";
    /// An act upon oneself.
    Oneself = 22001, "不能对自己进行此操作";
    /// Follow or whisper where either side blocks the other.
    Blocked = 22003, "用户位于黑名单";
    /// A page past the fifth of a list that is not one's own.
    PastFivePages = 22007, "访问超过5页";
    /// One's following count has reached the limit.
    FollowingFull = 22009, "关注数已达上限";
    /// An act upon a member who has left: their mid was given once.
    MemberLeft = 22013, "账号已注销，无法完成操作";
    /// A group name with control, bidi or noncharacters, or with nothing to see.
    BadGroupName = 22101, "分组名不合法";
    /// One has as many groups as the limit allows.
    GroupsFull = 22102, "分组数已达上限";
    /// A group name of more than 16 characters.
    GroupNameTooLong = 22103, "分组名过长";
    /// The group named does not exist.
    NoGroup = 22104, "该分组不存在";
    /// Somebody one does not follow was to be put into a group.
    NotFollowed = 22105, "未关注";
    /// One has a group of that name.
    GroupExists = 22106, "该分组已经存在";
    /// The sign holds a word of the operator's list.
    SignSensitive = 40015, "签名包含敏感词";
    /// The sign holds a picture.
    SignEmoji = 40021, "签名不能包含表情图片";
    /// The sign has more than 70 characters.
    SignTooLong = 40022, "签名过长";
    /// An act upon a mid that was never given.
    NeverMember = 40061, "用户不存在";
    /// Nobody may sign up by themselves.
    SignupClosed = 30000, "暂未开放注册";
    /// A name of another length than 1 to 16 characters, or with some that no name has.
    BadName = 30001, "昵称不合要求";
    /// A member has that name.
    NameTaken = 30002, "昵称已被使用";
    /// A member has that phone.
    TelTaken = 30003, "手机号已被使用";
    /// A member has that mail address.
    MailTaken = 30004, "邮箱已被使用";
    /// A member has that user name.
    UseridTaken = 30005, "用户名已被使用";
    /// A member has that mid.
    MidTaken = 30006, "该UID已被使用";
    /// A new password has fewer characters than the settings ask for, or more than 128.
    BadPassword = 30010, "密码不合要求";
    /// No such account, or another password than its.
    WrongPassword = 30011, "账号或密码错误";
    /// Too many tries failed; `Retry-After` tells how many seconds to wait.
    TooManyTries = 30012, "尝试次数过多，请稍后再试";
    /// The session named is none of one's own.
    NoSession = 30013, "该登录不存在";
    /// The QR code has expired, was used, or never was.
    QrGone = 30020, "二维码已失效";
    /// A QR code is confirmed by whoever has scanned it.
    QrNotScanned = 30021, "请先扫描二维码";
    /// The name of an application for real name verification is none.
    BadRealname = 30030, "姓名不合要求";
    /// The number is none of its kind of card.
    BadCard = 30031, "证件号码有误";
    /// The real name is verified already.
    RealnameVerified = 30032, "已完成实名认证";
    /// Nothing of that kind waits for a review.
    NothingWaits = 30040, "没有待审核的内容";
    /// What waits is not what was looked at: it was replaced meanwhile.
    WaitsAnew = 30041, "待审核的内容已更新";
    /// The balance does not reach.
    CoinsShort = 30050, "硬币不足";
    /// An event of a time too long ago for its id to be remembered, or of a time to come.
    EventTime = 30051, "事件时间超出范围";
    /// An event's id was used for another event.
    EventChanged = 30052, "事件编号已被其他事件使用";
    /// There is nothing to verify.
    NothingToVerify = 30053, "没有可验证的内容";
    /// The balance would be larger than the largest there is.
    CoinsFull = 30054, "硬币数已达上限";
    /// No operator's token has that name.
    NoToken = 30060, "该令牌不存在";
    /// An operator's token has that name.
    TokenExists = 30062, "令牌名称已被使用";
    /// Keys are being rotated already.
    Rotating = 30061, "密钥正在轮换";
}

impl ErrorCode {
    /// The code of a number, for clients.
    pub fn of(number: i32) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.number() == number)
    }
}

/// A fault of HTTP or of the service, not an answer of the contract: told by the status, and by `code` = minus the
/// status in the envelope (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// A request that is none: malformed HTTP, or one of operators, who are told what is wrong with it.
    BadRequest,
    /// No operator's token, or an unknown one.
    Unauthorized,
    /// A token whose role may not do that.
    Forbidden,
    /// No such path.
    NotFound,
    /// Another method than the path's.
    MethodNotAllowed,
    /// The body did not arrive in time.
    TooSlow,
    /// The body is larger than the limit.
    TooLarge,
    /// The address of the request is longer than a head may be.
    UriTooLong,
    /// The head of the request is larger than the limit.
    HeadTooLarge,
    /// The service broke; the log says how.
    Broken,
    /// The store is away or full, or the service sheds load.
    Unavailable,
}

impl HttpError {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            HttpError::BadRequest => StatusCode::BAD_REQUEST,
            HttpError::Unauthorized => StatusCode::UNAUTHORIZED,
            HttpError::Forbidden => StatusCode::FORBIDDEN,
            HttpError::NotFound => StatusCode::NOT_FOUND,
            HttpError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            HttpError::TooSlow => StatusCode::REQUEST_TIMEOUT,
            HttpError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            HttpError::UriTooLong => StatusCode::URI_TOO_LONG,
            HttpError::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            HttpError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            HttpError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The number in the envelope.
    pub const fn number(self) -> i32 {
        -(self.status().as_u16() as i32)
    }

    /// The message in the envelope.
    pub const fn message(self) -> &'static str {
        match self {
            HttpError::BadRequest => "请求错误",
            HttpError::Unauthorized => "令牌无效",
            HttpError::Forbidden => "令牌权限不足",
            HttpError::NotFound => "路径不存在",
            HttpError::MethodNotAllowed => "请求方法不允许",
            HttpError::TooSlow => "请求超时",
            HttpError::TooLarge => "请求体过大",
            HttpError::UriTooLong => "请求地址过长",
            HttpError::HeadTooLarge => "请求头过大",
            HttpError::Broken => "服务器错误",
            HttpError::Unavailable => "服务暂不可用",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart() {
        for (at, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(ErrorCode::of(code.number()), Some(*code), "two codes share {}", code.number());
            assert!(!code.message().is_empty(), "code {at} has no message");
        }
    }

    #[test]
    fn a_fault_tells_its_status() {
        assert_eq!(HttpError::NotFound.number(), -404);
        assert_eq!(HttpError::Unavailable.number(), -503);
    }
}
