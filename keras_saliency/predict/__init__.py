"""From what a user names to maps on disk.

pictures    files and folders that a user names -> pictures by name, and what is left out
predictor   an entry of the registry or a saved file -> a model that may predict; what the kit asks
            by entry point
outputs     that model where one of its maps, or its log densities, are wanted
folder      model and pictures -> a file a picture, resumable
video       model and video or camera -> videos of maps
video_writer    frames and when they are shown -> a video
crop        the window of a picture that holds most of its map
"""
