"""What each way of opening a person's record is called in Chinese."""

ACCESS_ZH: dict[str, str] = {
    "view": "查看",
    "look_up": "按姓名和证件号查找",
    "reveal": "查看完整信息",
    "download": "下载材料",
}
