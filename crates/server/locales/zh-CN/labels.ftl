### Labels that the service stores or answers in Chinese.

unknown-device = 未知设备
local-network = 局域网
login-reward = 登录奖励
tip-for-video = 给视频 { $video } 打赏
rank-user = 普通用户
rank-member = 正式会员
rank-subtitler = 字幕君
rank-expert = 职人
rank-operator = 站长大人
