// The description of the API, to read and to try. Nothing is asked of another host: no validator's badge.
const place = document.getElementById("docs");
window.SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
});
