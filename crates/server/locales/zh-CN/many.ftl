### Managing many members of a list, remarks, and groups of one member.

show-all = 全部
show-mutual = 互相关注
show-not-following-back = 没有回关你
show-not-followed-back = 你没有回关
show-ungrouped = 没有分组
show-special = 特别关注
sort-newest = 最近的在前
sort-oldest = 最早的在前
sort-name = 按名字
sort-active = 最近来过的在前
filter-label = 筛选
sort-label = 排序
searched-oldest = 只在最早的 { $count } 人里查找

many-changes = 批量操作
select-whole-page = 全选本页
scope = 对谁操作
scope-ticked = 勾选的人
scope-page = 本页 { $count } 人
scope-all = 符合的全部 { $count } 人
many-limit = 一次最多 { $count } 人
group-many = 分组
add-to-groups = 加入这些分组
remove-from-groups = 移出这些分组
move-to-groups = 只放进这些分组
move-from-group = 从这个分组移到
follow-into-groups = 关注并放进分组
groups-are-optional = 不选就不分组

many-followed = 已关注 { $count } 人
many-unfollowed = 已取消关注 { $count } 人
many-whispered = 已悄悄关注 { $count } 人
many-unwhispered = 已取消悄悄关注 { $count } 人
many-blocked = 已拉黑 { $count } 人
many-unblocked = 已把 { $count } 人移出黑名单
many-followers-removed = 已移除 { $count } 个粉丝
many-added = 已把 { $count } 人加入分组
many-removed = 已把 { $count } 人移出分组
many-moved = 已改 { $count } 人的分组
many-imported = 已导入 { $count } 项
many-refused = { $count } 人没有变化：{ $reason }
many-left = 还有 { $count } 人符合，可以再做一次
many-and = { $first }；{ $then }
many-undone = 已撤销，但有 { $count } 人之后又有变化，没有恢复

remark = 备注
remark-of = { $name } 的备注
remark-hint = 最多 20 个字，只有你能看见
flash-remark-saved = 备注已保存
edit-groups = 分组
groups-of-member = 放进哪些分组
field-remark = 备注

active-within-week = 一周内来过
active-within-month = 一个月内来过
active-long-ago = 很久没来

go-to-page = 跳到第几页
go-to = 前往
