//! The table of error codes: number, name, message. This table is the only source of messages.

use http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $message:literal;)+) => {
        /// The reason that the contract gives for a rejected request. The HTTP status is always 200 (D2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorCode {
            /// All codes, in the order of the table.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name,)+];

            /// Returns the number in the API.
            pub const fn number(self) -> i32 {
                match self { $(ErrorCode::$name => $number,)+ }
            }

            /// Returns the description of the code: the doc comment of the variant.
            pub const fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Returns the message in the API.
            pub const fn message(self) -> &'static str {
                match self { $(ErrorCode::$name => $message,)+ }
            }
        }
    };
}

codes! {
    /// The session is missing, expired or revoked.
    NotLoggedIn = -101, "账号未登录";
    /// `csrf` is missing or does not match the session.
    InvalidCsrf = -111, "csrf校验失败";
    /// A parameter is missing or malformed (D5).
    BadRequest = -400, "请求错误";
    /// The login log of another member.
    Forbidden = -403, "访问权限不足";
    /// The member does not exist, and the endpoint has no other code for that (D39).
    MemberNotFound = -404, "用户不存在";
    /// An action of a member on themselves.
    TargetIsSelf = 22001, "不能对自己进行此操作";
    /// A follow or whisper while one of the two members blocks the other.
    Blocked = 22003, "用户位于黑名单";
    /// A page after the fifth of another member's list.
    PageLimitExceeded = 22007, "访问超过5页";
    /// The following count has reached the limit.
    FollowingLimitReached = 22009, "关注数已达上限";
    /// An action on the mid of a deleted member.
    MemberDeleted = 22013, "账号已注销，无法完成操作";
    /// A group name with control, bidirectional or noncharacters, or without a visible character.
    InvalidGroupName = 22101, "分组名不合法";
    /// The number of groups has reached the limit.
    GroupLimitReached = 22102, "分组数已达上限";
    /// A group name of more than 16 characters.
    GroupNameTooLong = 22103, "分组名过长";
    /// The group does not exist.
    GroupNotFound = 22104, "该分组不存在";
    /// A member that the caller does not follow was to be put into a group.
    NotFollowing = 22105, "未关注";
    /// The caller has another group of that name.
    GroupExists = 22106, "该分组已经存在";
    /// The owner hides the list from the caller.
    ListHidden = 22115, "用户已设置隐私，无法查看";
    /// The sign contains a word of the operator's list.
    BioSensitiveWord = 40015, "签名包含敏感词";
    /// The sign contains an emoji.
    BioHasEmoji = 40021, "签名不能包含表情图片";
    /// The sign has more than 70 characters.
    BioTooLong = 40022, "签名过长";
    /// An action on a mid that was never assigned.
    MemberNeverExisted = 40061, "用户不存在";
    /// Registration is closed.
    RegistrationClosed = 30000, "暂未开放注册";
    /// A name that has not 1 to 16 characters, or has characters that no name may have.
    InvalidName = 30001, "昵称不合要求";
    /// Another member has that name.
    NameTaken = 30002, "昵称已被使用";
    /// Another member has that phone.
    TelTaken = 30003, "手机号已被使用";
    /// Another member has that mail address.
    MailTaken = 30004, "邮箱已被使用";
    /// Another member has that user name.
    UseridTaken = 30005, "用户名已被使用";
    /// Another member has that mid.
    MidTaken = 30006, "该UID已被使用";
    /// A new password is shorter than the settings require, or longer than 128 characters.
    InvalidPassword = 30010, "密码不合要求";
    /// The account does not exist, or the password is wrong.
    WrongCredentials = 30011, "账号或密码错误";
    /// Too many attempts failed. `Retry-After` is the number of seconds to wait.
    TooManyAttempts = 30012, "尝试次数过多，请稍后再试";
    /// The session does not belong to the caller.
    SessionNotFound = 30013, "该登录不存在";
    /// The QR code has expired, was used, or never existed.
    QrCodeExpired = 30020, "二维码已失效";
    /// The QR code is not scanned yet, or was scanned by another member.
    QrCodeNotScanned = 30021, "请先扫描二维码";
    /// The password is right, and the login needs the second step `POST /passport/login/factor`.
    SecondFactorRequired = 30110, "需要第二步验证";
    /// A one-time code, a recovery code or a passkey is wrong, or was used before.
    WrongFactor = 30111, "验证码错误";
    /// The first step of the login is too long ago, had too many wrong codes, or belongs to another client.
    LoginStepExpired = 30112, "登录步骤已失效，请重新登录";
    /// The last proof of the caller is missing or too old: `POST /passport/proof` first.
    ProofRequired = 30113, "请先验证身份";
    /// The second factor is set up already.
    FactorExists = 30114, "验证方式已存在";
    /// The caller has no such second factor, or has not started to set it up.
    FactorNotFound = 30115, "验证方式不存在";
    /// The number of passkeys has reached the limit.
    PasskeyLimitReached = 30116, "通行密钥数量已达上限";
    /// The passkey cannot be used: its response is malformed, expired, or for another site.
    InvalidPasskey = 30117, "通行密钥无效";
    /// The community requires a second factor of the caller, who has none.
    FactorSetupRequired = 30118, "请先设置第二步验证";
    /// The name in an application for real name verification is invalid.
    InvalidRealname = 30030, "姓名不合要求";
    /// The number is invalid for its type of document.
    InvalidCardNumber = 30031, "证件号码有误";
    /// The real name is verified already.
    RealnameAlreadyVerified = 30032, "已完成实名认证";
    /// The member has nothing of that kind in review.
    NothingToReview = 30040, "没有待审核的内容";
    /// The submission in review was replaced by a newer one.
    ReviewOutdated = 30041, "待审核的内容已更新";
    /// The balance is too low.
    InsufficientCoins = 30050, "硬币不足";
    /// The time of an event is in the future, or before the retention of event ids.
    EventTimeOutOfRange = 30051, "事件时间超出范围";
    /// The id was used for another event.
    EventIdReused = 30052, "事件编号已被其他事件使用";
    /// There is nothing to verify.
    NothingToVerify = 30053, "没有可验证的内容";
    /// The balance would exceed the maximum.
    BalanceLimitExceeded = 30054, "硬币数已达上限";
    /// There is no operator token of that name.
    TokenNotFound = 30060, "该令牌不存在";
    /// There is an operator token of that name.
    TokenExists = 30062, "令牌名称已被使用";
    /// The member has as many notes of operators as the service allows.
    NoteLimitReached = 30064, "备注数量已达上限";
    /// The member has no such note.
    NoteNotFound = 30065, "备注不存在";
    /// A key rotation is in progress.
    KeyRotationInProgress = 30061, "密钥正在轮换";
    /// The change can no longer be undone: it is too old, or the relation or the group has changed since.
    UndoExpired = 30070, "已经不能撤销";
    /// The caller changed the name a short time ago. `Retry-After` is the number of seconds to wait.
    NameChangeTooSoon = 30080, "昵称修改过于频繁";
    /// The picture is no PNG, JPEG or WebP file, or it is damaged.
    InvalidPicture = 30081, "图片无法识别";
    /// The picture has more pixels than the settings allow.
    PictureTooLarge = 30082, "图片尺寸过大";
    /// The caller has remarks on as many members as the service allows.
    RemarkLimitReached = 30090, "备注数量已达上限";
    /// The archive of the caller's data is being made already.
    ExportInProgress = 30120, "数据正在准备中";
    /// There is no archive of the caller's data to download.
    ExportNotFound = 30121, "没有可下载的数据";
    /// A line of a CSV file is invalid. The header `guanxi-hint` names it.
    InvalidCsv = 30122, "文件内容有误";
    /// The service has no sender for messages to that kind of contact.
    NoMessageSender = 30100, "服务未开通验证码";
    /// The code is wrong, has expired, or was tried too often.
    WrongContactCode = 30101, "验证码错误或已失效";
    /// The answer to the security question is wrong or missing.
    WrongAnswer = 30102, "密保答案错误";
}

impl ErrorCode {
    /// Returns the code of a number, for clients.
    pub fn from_number(number: i32) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.number() == number)
    }
}

/// An error of HTTP or of the service, outside the contract. The `code` in the envelope is the negative HTTP status
/// (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// Malformed HTTP, or an invalid operator request.
    BadRequest,
    /// The operator token is missing or unknown.
    Unauthorized,
    /// The role of the operator token does not allow the operation.
    Forbidden,
    /// The path does not exist.
    NotFound,
    /// The path has another method.
    MethodNotAllowed,
    /// The request body did not arrive in time.
    RequestTimeout,
    /// The request body exceeds the limit.
    PayloadTooLarge,
    /// The request target exceeds the limit of the request head.
    UriTooLong,
    /// The request head exceeds the limit.
    HeadersTooLarge,
    /// An internal error. The log has its cause.
    InternalError,
    /// The database is unavailable or full, or the service sheds load.
    Unavailable,
}

impl HttpError {
    /// Every error, in the order of the statuses.
    pub const ALL: &[HttpError] = &[
        HttpError::BadRequest,
        HttpError::Unauthorized,
        HttpError::Forbidden,
        HttpError::NotFound,
        HttpError::MethodNotAllowed,
        HttpError::RequestTimeout,
        HttpError::PayloadTooLarge,
        HttpError::UriTooLong,
        HttpError::HeadersTooLarge,
        HttpError::InternalError,
        HttpError::Unavailable,
    ];

    /// Returns the HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            HttpError::BadRequest => StatusCode::BAD_REQUEST,
            HttpError::Unauthorized => StatusCode::UNAUTHORIZED,
            HttpError::Forbidden => StatusCode::FORBIDDEN,
            HttpError::NotFound => StatusCode::NOT_FOUND,
            HttpError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            HttpError::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            HttpError::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            HttpError::UriTooLong => StatusCode::URI_TOO_LONG,
            HttpError::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            HttpError::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            HttpError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the `code` in the envelope.
    pub const fn number(self) -> i32 {
        -(self.status().as_u16() as i32)
    }

    /// Returns the message in the envelope.
    pub const fn message(self) -> &'static str {
        match self {
            HttpError::BadRequest => "请求错误",
            HttpError::Unauthorized => "令牌无效",
            HttpError::Forbidden => "令牌权限不足",
            HttpError::NotFound => "路径不存在",
            HttpError::MethodNotAllowed => "请求方法不允许",
            HttpError::RequestTimeout => "请求超时",
            HttpError::PayloadTooLarge => "请求体过大",
            HttpError::UriTooLong => "请求地址过长",
            HttpError::HeadersTooLarge => "请求头过大",
            HttpError::InternalError => "服务器错误",
            HttpError::Unavailable => "服务暂不可用",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_code_numbers_are_unique() {
        for (index, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(
                ErrorCode::from_number(code.number()),
                Some(*code),
                "two codes share {}",
                code.number()
            );
            assert!(!code.message().is_empty(), "code {index} has no message");
        }
    }

    #[test]
    fn http_error_number_is_negative_status() {
        assert_eq!(HttpError::NotFound.number(), -404);
        assert_eq!(HttpError::Unavailable.number(), -503);
    }
}
