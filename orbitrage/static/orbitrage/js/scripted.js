// Loaded before the page is drawn: the stylesheet then knows that scripts run.
document.documentElement.classList.add("js");
