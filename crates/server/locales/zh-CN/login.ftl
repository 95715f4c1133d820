### Login by password and by QR code.

account-name = 昵称、用户名、手机号或邮箱
no-account-yet = 还没有账号？<a href="/signup">注册</a>
log-in-by-password = 用密码登录
password-forgotten = 忘记密码？<a href="/recover">重设密码</a>
recover-account = 重设密码
recover-unavailable = 社区还没有开通验证码，请联系运营者重设密码。
recover-contact = 手机号或邮箱
recover-contact-hint = 账号里已验证的手机号或邮箱，会收到验证码
recover-code-sent = 如果有账号验证过这个手机号或邮箱，验证码已经发出。
send-code = 发送验证码
send-another-code = 重新发送
continue = 继续
set-password = 设置密码
back-to-login = <a href="/login">回到登录</a>
qr-login = 扫码登录
qr-code = 登录二维码
qr-explained = 在已登录的手机上扫一扫，不用输入密码
qr-show = 显示二维码
qr-scan = 请用已登录的设备扫描
qr-open-address = 不能扫描？在已登录的设备上打开<a href="{ $url }">这个地址</a>
qr-scanned = <b>已扫描</b>，请在那台设备上确认
qr-expired = 二维码已失效，或者那台设备取消了登录
qr-renew = 换一个
confirm-login = 确认登录
confirm-explained = 有一台设备请求以你的身份登录：
confirm-warning = 不是你自己在登录？不要确认，按“取消”，那台设备就不会登录。
