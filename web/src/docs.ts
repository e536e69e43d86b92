// The API viewer: Swagger UI over the very description that this server has. Fetched only by /docs.

const { default: SwaggerUIBundle } = await import('swagger-ui-dist/swagger-ui-es-bundle.js');
await import('swagger-ui-dist/swagger-ui.css');
await import('./styles/docs_viewer.css');

SwaggerUIBundle({
  url: '/openapi.yaml',
  domNode: document.getElementById('api'),
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: false,
  validatorUrl: null,
});
export {};
