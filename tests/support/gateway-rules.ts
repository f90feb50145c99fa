import type { GatewayAction, GatewayRequest } from "./http-gateway.ts";

/** Which requests a rule takes, by what they are to the app. */
export const isStream = (request: GatewayRequest): boolean =>
  request.method === "GET" && request.path.endsWith("/stream");
export const isApi = (request: GatewayRequest): boolean => request.path.startsWith("/api/");
export const isSend = (request: GatewayRequest): boolean =>
  request.method === "POST" && request.path.endsWith("/turns");

export const answerWith = (status: number, type = "text/plain", body = ""): GatewayAction => ({
  kind: "answer",
  status,
  type,
  body,
});

const PORTAL = "<!doctype html><title>Free wifi</title><h1>Accept the terms to go on</h1>";

/** A captive portal answers everything itself, with a page. */
export const portalPage = (): GatewayAction => answerWith(200, "text/html; charset=utf-8", PORTAL);

/** A captive portal that sends everybody to its own address, here a path of the same one. */
export const portalRedirect = (to = "/portal-of-the-wifi"): GatewayAction => ({
  kind: "answer",
  status: 302,
  type: "text/html; charset=utf-8",
  body: PORTAL,
  headers: { location: to },
});
