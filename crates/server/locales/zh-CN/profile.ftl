### The parts of a profile that a member edits: picture, name, sex and birthday.

picture = 头像
change-or-remove = 更换或移除
upload-a-picture = 上传图片
picture-file = 图片文件
picture-hint = PNG、JPEG 或 WebP，最大 { $size }。取正中的方形，不保存拍摄地点等信息。所有人都看得见
picture-too-large = 图片最大 { $size }
upload = 上传
remove-picture = 移除头像
remove-picture-effect = 图片会从服务上删除，不能恢复。之后显示昵称的第一个字。
confirm-removal = 确认移除
new-name = 新的昵称
name-hint = 1 到 { $max } 个字，不能和别人的相同或相似。
name-is-reviewed = 审核之后生效。
name-changeable-from = { $time } 之后可以再改。
name-interval = 改了之后 { $days } 天内不能再改。
change-name = 修改昵称
sex-hint = 空间里所有人都看得见，选择“保密”就不显示
birthday-hint = 空间里所有人看得见月和日，只有你看得见年份。留空就是不填
save = 保存
edit-profile = 编辑资料

flash-name-changed = 昵称已保存
flash-sex-changed = 性别已更新
flash-birthday-changed = 生日已更新
flash-picture-changed = 头像已更新
flash-picture-removed = 头像已移除
flash-name-reviewed = 昵称审核完成

# Moderators.
approve-name-of = 通过 { $name } 的昵称
reject-name-of = 驳回 { $name } 的昵称
no-names-to-review = 没有等待审核的昵称
confirm-picture = 移除这位用户的头像？
confirm-picture-effect = 图片会从服务上删除，不能恢复。用户可以再上传。
