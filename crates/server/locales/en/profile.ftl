### The parts of a profile that a member edits: picture, name, sex and birthday.

picture = Picture
change-or-remove = Change or remove
upload-a-picture = Upload one
picture-file = Picture file
picture-hint = PNG, JPEG or WebP, up to { $size }. The square in its centre is kept, and details such as its place are not. Everyone can see it
picture-too-large = A picture can have up to { $size }
upload = Upload
remove-picture = Remove picture
remove-picture-effect = The picture is deleted from the service and can’t be restored. The first letter of your name is shown instead.
confirm-removal = Remove
new-name = New name
name-hint = 1 to { $max } characters, and not the same as or similar to another member’s name.
name-is-reviewed = It takes effect after a review.
name-changeable-from = You can change it again from { $time }.
name-interval = { $days ->
    [one] You can change it again after 1 day.
   *[other] You can change it again after { $days } days.
}
change-name = Change name
sex-hint = Everyone sees it in your space. Choose “Not shown” to hide it
birthday-hint = Everyone sees the month and day in your space, and only you see the year. Leave it empty to remove it
save = Save
edit-profile = Edit profile

flash-name-changed = Name saved
flash-sex-changed = Sex changed
flash-birthday-changed = Birthday changed
flash-picture-changed = Picture changed
flash-picture-removed = Picture removed
flash-name-reviewed = Name reviewed

# Moderators.
approve-name-of = Approve the name of { $name }
reject-name-of = Reject the name of { $name }
no-names-to-review = No names wait for review
confirm-picture = Remove the picture of this member?
confirm-picture-effect = It is deleted from the service and can’t be restored. The member can upload another one.
