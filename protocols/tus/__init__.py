"""tus 1.0, the protocol of resumable uploads: https://tus.io/protocols/resumable-upload"""
