### Messages to phones and mail addresses. An operator may replace them. A message to a phone is its text alone.

message-verification-subject = 你的验证码
message-verification = 验证码 { $code }，{ $minutes } 分钟内有效。如果不是你本人操作，请忽略这条消息。
message-recovery-subject = 重设密码
message-recovery = 你正在重设密码，验证码 { $code }，{ $minutes } 分钟内有效。不要告诉任何人。如果不是你本人操作，请忽略这条消息。
message-login-subject = 新的登录
message-login = 你的账号于 { $time } 在新的设备或地点登录：{ $device }，{ $place }。如果不是你本人操作，请修改密码。
message-password-subject = 密码已修改
message-password = 你的账号于 { $time } 修改了密码。如果不是你本人操作，请马上重设密码。
message-tel-subject = 手机号已修改
message-tel = 你的账号于 { $time } 修改了手机号。如果不是你本人操作，请修改密码。
message-mail-subject = 邮箱已修改
message-mail = 你的账号于 { $time } 修改了邮箱。如果不是你本人操作，请修改密码。
message-factors-subject = 两步验证已修改
message-factors = 你的账号于 { $time } 修改了两步验证。如果不是你本人操作，请修改密码。
