### Lists of members, spaces, and the buttons of relations.

follow = 关注
unfollow = 取消关注
follow-privately = 悄悄关注
unfollow-privately = 取消悄悄关注
make-private = 改为悄悄关注
make-public = 改为公开关注
block = 拉黑
unblock = 移出黑名单
remove-follower = 移除粉丝
more-actions = 更多操作：{ $name }
status-followed = 已关注
status-mutual = 互相关注
status-whisper = 悄悄关注中
status-blocked = 已拉黑
follows-you = 关注了你
vip = 大会员
verified = 认证用户
silenced = 已封禁
since = { $date } 起

followings-of = <a href="/space/{ $mid }"><bdi>{ $name }</bdi></a> 的关注
followings-of-title = { $name }的关注
followers-of = <a href="/space/{ $mid }"><bdi>{ $name }</bdi></a> 的粉丝
followers-of-title = { $name }的粉丝
found = 找到 { $count }
search = 查找
search-followings = 在关注里查找
search-followers = 在粉丝里查找
search-whispers = 在悄悄关注里查找
search-blocks = 在黑名单里查找
search-too-long = 查找的文字太长了：最多 64 个字
nothing-found = 没有找到符合的人
searched-latest = 只在最近的 { $count } 人里查找
all = 全部
nobody-here = 这里还没有人
no-followers = 还没有粉丝
no-whispers = 你没有悄悄关注谁。悄悄关注的人不会知道，别人也看不见
no-blocks = 黑名单是空的。被拉黑的人不能关注你
pages = 翻页
previous-page = 上一页
page-of = 第 { $page } / { $last } 页
next-page = 下一页
five-pages-only = 别人的列表只能看前五页

groups = 分组
special-group = 特别关注
default-group = 默认分组
all-followings = 全部关注
new-group = 新建分组
group-name = 分组名
create = 创建
rename-or-delete = 改名或删除
new-group-name = 新的分组名
rename = 改名
delete-group = 删除这个分组
delete-group-hint = 里面的人仍然在关注里
select-member = 选中 { $name }

space-of = { $name }的空间
likes = 获赞
plays = 播放
reads = 阅读
sex = 性别
sex-man = 男
sex-woman = 女
sex-secret = 保密
birthday = 生日
school = 学校
profession = 职业
joined = 加入
