### Pages of a member's account, and signup.

back-home = 回到首页
colon = ：
optional = 可以不填
submit = 提交
change = 变化
reason = 说明
details = 明细
date = 日期
result = 结果
actions = 操作

# Home.
write-bio = 写一句签名，让别人认识你
bio-pending = 新的签名，等待审核
bio-removal-pending = 删除签名，等待审核
level-progress = 升级进度
highest-level = 经验 { $exp }，已是最高等级
exp-to-next-level = 经验 { $exp }，再得 { $missing } 升到 LV{ $level }
coins = 硬币
unread = 未读
todays-rewards = 今日奖励
monthly-vip = 月度大会员
annual-vip = 年度大会员
vip-until = { $date } 到期
vip-frozen = 已冻结
vip-locked = 已锁定
vip-expired = 已过期

# Coins.
coins-of-week = 七天硬币
seven-days = 七天
balance-now = 现有 <b>{ $balance }</b> 枚
week-total = 七天共收入 { $income }，支出 { $expense }
income = 收入
expense = 支出

# Rewards.
today = 今天
one-time = 一次性
exp-today = 今天得到的经验
exp-of = { $exp } / { $max } 经验
exp-plus = +{ $exp } 经验
exp-gained = 已得
exp-not-gained = 未得，可得
task-done = 已完成
task-not-done = 未完成
rewards-reset = 每天按北京时间零点重新计算。
task-login = 每日登录
task-login-explained = 今天第一次访问，还有 1 枚硬币
task-watch = 每日观看
task-watch-explained = 看完一个视频
task-tip = 每日投币
task-tip-explained = 每枚硬币 { $exp } 经验
task-share = 每日分享
task-share-explained = 分享一个视频
task-tel = 绑定手机
task-tel-explained = 手机号通过验证后得经验
task-realname-explained = 通过审核
task-mail = 绑定邮箱
task-mail-explained = 绑定一个邮箱
task-question-explained = 设置一个密保问题

# Logins.
active-devices = 登录中的设备
this-device = 本机
session-times = { $created } 登录，{ $expires } 到期
latest-days = 最近 { $days } 天
logins-caption = 登录和尝试登录的记录，从新到旧
end-session = 退出登录
log-out-of = 退出 { $time } 的登录
no-logins = 没有记录
not-your-login = 不是你本人的登录？退出它，然后<a href="/security">修改密码</a>。
opened-by-operator = 由运营者开启
by-qr-code = 扫码
password-login-succeeded = 密码登录成功
password-login-failed = 密码登录失败
qr-login-succeeded = 扫码登录成功
qr-login-failed = 扫码登录失败
new-device = 新设备
new-place = 新地点
new-device-and-place = 新设备 · 新地点

# Profile.
userid = 用户名
rank = 会员级别
joined-at = 加入时间
not-given = 未填写
no-bio = 还没有签名
new-bio = 新的签名
bio-hint = <output>{ $length }</output> / { $max } 字，不能有表情符号；留空就是删除签名
at-most-characters = 最多 { $count } 字
waits-for-review = 等待审核
submitted-at = { $time } 提交
effective-at = { $time } 自动生效
approved = 审核通过
rejected = 审核未通过

# Real name.
realname-verified = 已通过实名认证
realname-reward = 认证之后可得 { $exp } 经验，只有一次。
realname-privacy = 姓名和号码加密保存，只有审核的人看得到。
realname-replaces = 再次提交会替换正在等待的申请。
realname-submit = 提交申请
card-id = 居民身份证
card-hongkong-macao = 港澳居民来往内地通行证
card-taiwan = 台湾居民来往大陆通行证
card-passport = 护照（中国签发）
card-residence = 外国人永久居留证
card-foreign = 其他国家或地区身份证明
card-other = 其他证件

# Security.
password-strength = 密码强度
score = { $score } 分
strength-weak = 弱
strength-medium = 中
strength-strong = 强
set = 已设置
not-set = 未设置
not-bound = 未绑定
contact-verified = 已验证
contact-not-verified = 未验证
contact-hint = 留空就是解除绑定。由社区的运营者验证
contact-code-hint = 留空就是解除绑定。新绑定的会收到验证码
verify-tel = 验证手机
verify-own-mail = 验证邮箱
verify-explained = 验证后可以用它登录；忘记密码时可以用它重设密码。
send-code-to-tel = 发送验证码到手机
send-code-to-mail = 发送验证码到邮箱
login-password = 登录密码
current-password = 现在的密码
new-password-hint = 至少 { $length } 个字符。修改之后，其他设备都要重新登录
change-password = 修改密码
phone = 手机号
new-phone = 新手机号
update-phone = 更新手机号
new-mail = 新邮箱
update-mail = 更新邮箱
security-question = 密保问题
question = 问题
set-question = 设置密保问题
see-logins = 在哪里登录过，见<a href="/logins">登录记录</a>。

# Signup.
sign-up-closed = 这个社区暂未开放注册，请联系运营者。
uname-hint = 1 到 16 个字
password-hint = 至少 { $length } 个字符
have-account = 已经有账号？<a href="/login">登录</a>
