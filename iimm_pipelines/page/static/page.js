// "/" goes to the search box from anywhere. All else works without this file.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const box = document.getElementById("q");
  event.preventDefault();
  if (box) { box.focus(); box.select(); } else if (document.querySelector('a[href="/search"]')) location.assign("/search");
});

// By keyboard, where hits can be chosen: j and k go from hit to hit, x chooses, t goes to the tag. All else works without this file.
document.addEventListener("keydown", (event) => {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const boxes = [...document.querySelectorAll("input.choice")];
  const now = boxes.findIndex((box) => box === document.activeElement || box.closest("li, tr").contains(document.activeElement));
  const go = { j: now + 1, k: now < 0 ? boxes.length - 1 : now - 1 }[event.key];
  if (go !== undefined && boxes[go]) boxes[go].focus();
  else if (event.key === "x" && boxes[now]) boxes[now].checked = !boxes[now].checked;
  else if (event.key === "t" && document.getElementById("code")) document.getElementById("code").focus();
  else return;
  event.preventDefault();
});
