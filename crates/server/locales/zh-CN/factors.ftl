### 第二步验证、通行密钥和身份验证。

second-factor = 第二步验证
second-factor-why = 就算密码被别人知道，有第二步验证，别人也登录不了。
second-factor-explained = 设置之后，登录时除了密码，还要验证码或者通行密钥。<a href="/security">账号安全</a>
second-factor-required = 本社区要求你使用第二步验证。请设置验证器应用或者通行密钥，然后继续。
factor-on = 已开启
set-up = 设置
manage = 管理
factor-remove = 移除
factor-code = 验证码
factor-code-hint = 验证器应用上的 6 位数字，或者一个恢复码
recovery-code-hint = 填写一个恢复码，或者使用通行密钥
second-step = 第二步验证登录
other-account = 登录其他账号

# Proof.
prove = 验证身份
prove-why = 接下来的操作关系到账号安全，请先确认是你本人。
prove-button = 验证
prove-first = 修改密码、手机号、邮箱、密保问题之前，请先<a href="/prove?back=%2Fsecurity">验证身份</a>。
prove-before-factors = 修改这里的设置之前，请先<a href="/prove?back=%2Fsecurity%2Ffactors">验证身份</a>。

# One-time codes.
totp = 验证器应用
totp-explained = 手机上的应用每 30 秒显示一个新的 6 位验证码，没有网络也可以用。
totp-in-use = 登录时要填写验证器应用上的验证码。
totp-remove = 移除验证器应用
totp-scan = 用验证器应用扫描二维码，然后填写它显示的验证码。
totp-qr = 验证器应用的二维码
totp-secret = 也可以手动输入密钥：
totp-open = 在本机的应用中打开
totp-code = 应用上的验证码
totp-code-hint = 6 位数字
totp-confirm = 开启

# Recovery codes.
recovery-codes = 恢复码
recovery-codes-once = 请现在就保存这些恢复码，它们只显示这一次。手机或通行密钥丢失时，每个恢复码可以用一次。
recovery-codes-saved = 我已保存
recovery-codes-left = 还剩 { $count } 个
recovery-codes-explained = 没有手机和通行密钥时，每个恢复码可以登录一次。换新的之后，旧的全部作废。
recovery-codes-renew = 换一组恢复码

# Passkeys.
passkey = 通行密钥
passkeys = 通行密钥
passkeys-explained = 用设备的指纹、面容或者 PIN 码登录，不用输入账号和密码。
passkeys-unavailable = 通行密钥需要域名，不能用 IP 地址。在本机上可以用 localhost 代替。
passkey-count = { $count } 个通行密钥
passkey-name = 通行密钥的名称
passkey-add = 添加通行密钥
passkey-times = { $created } 添加，还没有用过
passkey-times-used = { $created } 添加，最近使用 { $used }
passkey-needs-script = 使用通行密钥需要 JavaScript。
passkey-cancelled = 没有使用通行密钥
use-passkey = 使用通行密钥
passkey-login-succeeded = 通行密钥登录成功
passkey-login-failed = 通行密钥登录失败

# Results.
flash-proved = 身份已验证
flash-totp-set = 验证器应用已开启
flash-totp-removed = 验证器应用已移除
flash-recovery-renewed = 恢复码已更换
flash-passkey-added = 通行密钥已添加
flash-passkey-renamed = 通行密钥已改名
flash-passkey-removed = 通行密钥已移除
flash-factors-removed = 第二步验证已移除

# Operators.
remove-factors = 移除第二步验证
confirm-factors = 移除这位用户的第二步验证？
confirm-factors-effect = 验证器应用、通行密钥和恢复码全部作废，之后只凭密码就能登录。请先确认是本人要求的。
