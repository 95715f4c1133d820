### Texts of the layout, and texts that several areas share.

site = 关系
operator-site = 关系运营
skip-to-content = 跳到正文
main-navigation = 主导航
section-navigation = 本栏目
member-centre = 个人中心
relations = 关系链
space = 空间
log-in = 登录
log-out = 退出
sign-up = 注册
api-documentation = 接口文档
language = 语言
theme = 外观
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色

# Pages of the account.
home = 首页
my-profile = 我的信息
daily-rewards = 每日奖励
coin-history = 硬币记录
logins = 登录记录
account-security = 账号安全
realname = 实名认证

# Lists of members.
followings = 关注
followers = 粉丝
whispers = 悄悄关注
blocks = 黑名单
find-people = 找人

# Pages of operators.
overview = 概况
reviews = 审核
members = 用户
log = 日志
metrics = 指标
operator-login = 运营登录

# Shared words.
password = 密码
device = 设备
place = 地点
ip-address = 地址
time = 时间
unknown = 未知
cancel = 取消
error = 出错了

# Messages of the script.
offline = 没有网络连接。填写的内容还在这里，连上之后再提交。
online = 网络已经恢复。
retrying = 连接不上，正在重试。
unknown-outcome = 没有收到回答，不知道是否已完成。请先<a href="">刷新页面</a>查看结果。
