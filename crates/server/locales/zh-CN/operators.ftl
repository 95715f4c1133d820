### Pages of operators.

back-to-overview = 回到概况
token = 令牌
token-hint = 用 <code>guanxi operator token create</code> 得到。关闭浏览器就会忘记
member = 用户
uid = UID
action = 操作
reason-of-change = 原因

# Overview.
go-review = 去审核
oldest-since = 最早 { $time }
or-more = { $count } 以上
storage = 存储
ready = 正常
not-ready = 没有应答
answered-writes = 已答写入
durable-commits = 落盘提交
failed-commits = 失败提交
failed-writes = 失败写入
queued-writes = 排队写入
data-file = 数据文件
conflict-retries = 冲突重做
open-connections = 打开的连接
waiting-for-connection = 等待连接
event-ingest = 事件接入
since-start = 启动以来
none-since-start = 启动以来没有
latest-event = 最近一次
events-applied = 计入
events-repeated = 重复
events-rejected = 拒绝
latest-actions = 最近的操作

# Audit log.
audit-log = 操作日志
audit-caption = 操作，从新到旧
no-actions = 还没有操作
older = 更早的

# Outbox.
outbox = 发件箱
messages-waiting = 等待发送
no-messages-waiting = 没有等待发送的消息
messages-in-folder = 文件夹里的消息
no-messages-sent = 还没有消息
message = 消息
message-to = 收件人
message-text = 内容
next-attempt = 下次发送
last-error = 最近的错误
failed-attempts = 失败 { $count } 次
message-kind-verification = 验证码
message-kind-recovery = 重设密码
message-kind-login = 登录提醒
message-kind-password = 密码已修改
message-kind-tel = 手机号已修改
message-kind-mail = 邮箱已修改
message-kind-factors = 两步验证已修改

# Reviews.
current-bio = 现在：
approve = 通过
reject = 驳回
approve-sign-of = 通过 { $name } 的签名
reject-sign-of = 驳回 { $name } 的签名
approve-realname-of = 通过 { $name } 的实名
reject-realname-of = 驳回 { $name } 的实名
no-signs-to-review = 没有等待审核的签名
no-realnames-to-review = 没有等待审核的实名申请

# Members.
search-by = 按什么查找
search-members = 查找用户
search-hint = 按 UID、昵称、用户名、手机号或邮箱查找一位用户
being-deleted = 正在注销
leaves-at = 将于 { $time } 注销
silence = 标记为封禁
remove-silence = 取消封禁标记
sign-out-everywhere = 退出全部登录
verify-phone = 确认手机已验证
verify-mail = 确认邮箱已验证
adjust-coins = 硬币…
adjustment = 变更
apply-change = 变更
balance = 余额
delete-account = 注销账号
active-sessions = 登录中
realname-status-verified = 已认证
realname-status-none = 没有申请
section-card = 名片
section-growth = 成长
section-works = 作品

# Confirmations.
confirm-silence = 封禁这位用户？
confirm-silence-effect = 空间会标明“已封禁”，所有人都看得见。标记可以取消。
confirm-silence-button = 确认封禁
confirm-revoke = 退出这位用户的全部登录？
confirm-revoke-effect = 用户要在每台设备上重新登录。不能撤回。
confirm-revoke-button = 确认退出
confirm-delete = 注销这个账号？
confirm-delete-effect = 登录立即结束，手机、邮箱和实名立即删除，关系、分组和记录随后删除。不能恢复。
confirm-delete-button = 确认注销
confirm-coins = 变更这位用户的硬币？
confirm-coins-effect = 用户会在硬币记录里看到变更和原因。不能撤回，只能再做一次相反的变更。
confirm-coins-button = 确认变更
confirm-realname = 通过这个实名认证？
confirm-realname-effect = 第一次通过得 { $exp } 经验。通过之后不能撤回，用户也不能再改。
confirm-realname-button = 确认通过
confirm-tel = 确认手机已验证？
confirm-tel-effect = 第一次验证手机得 { $exp } 经验。不能撤回。
confirm-mail = 确认邮箱已验证？
confirm-mail-effect = 不能撤回。
confirm-verify-button = 确认验证
