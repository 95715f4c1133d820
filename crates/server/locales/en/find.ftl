### The search for members.

find-by = Name, pinyin or UID
find-hint = Type a part of the name, its pinyin or initials (“cr” finds 陈睿), or a UID
find-none = Nobody like that was found
find-too-short = { $count ->
    [one] Type at least one character
   *[other] Type at least { $count } characters
}
find-cut = Only { $count } names were read. More characters find better
# The script replaces # by the number.
suggestions-found = Suggestions: #. Choose with the arrow keys
suggestions-none = No suggestions
