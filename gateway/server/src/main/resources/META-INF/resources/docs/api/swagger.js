window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi",
    dom_id: "#swagger",
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis],
    validatorUrl: null,
    tryItOutEnabled: true,
  });
});
