### Labels that the service stores or answers in Chinese.

unknown-device = Unknown device
local-network = Local network
login-reward = Daily sign-in
tip-for-video = Tip for the video { $video }
rank-user = User
rank-member = Full member
rank-subtitler = Subtitler
rank-expert = Expert
rank-operator = Site operator
