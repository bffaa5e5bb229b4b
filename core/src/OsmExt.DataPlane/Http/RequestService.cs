using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Envoy.Extensions.Filters.Http.LocalRatelimit.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OsmExt.DataPlane.Limits;
using OsmExt.DataPlane.Observation;
using OsmExt.Simulation;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Rbac;
using HealthCheck = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;

namespace OsmExt.DataPlane.Http;

/// <summary>Carries out what the simulator decides about a request, stage by stage: admitted, routed, filtered, answered or sent on.</summary>
internal sealed class RequestService(
    Func<ProxyConfiguration> proxy, TrafficOptions options, Forwarding forwarding, Authorizer authorizer, RateLimits limits, Oddities oddities)
{
    private static readonly TimeSpan Premature = TimeSpan.FromSeconds(1);

    public async Task ServeAsync(HttpContext context, HttpSession session)
    {
        var exchange = Begin(context, session);
        var sent = new CountingBody(context.Response.Body);
        context.Response.Body = sent;
        try
        {
            await DecideAsync(exchange);
        }
        catch (UndecidedException unknown)
        {
            oddities.Say(unknown);
            await LocalReplies.WriteAsync(exchange, new(500, "", $"undecided: {unknown.Element}"));
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or BadHttpRequestException)
        {
            exchange.Record.ResponseFlags.Add("DC");
            context.Abort();
        }
        finally
        {
            exchange.Record.BytesSent = sent.Sent;
            End(exchange);
            if (session.Abuses(context.RequestAborted.IsCancellationRequested && exchange.Record.Duration < Premature))
            {
                context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
            }
        }
    }

    private Exchange Begin(HttpContext context, HttpSession session)
    {
        var (now, served) = (proxy(), session.Served);
        var record = new StreamRecord
        {
            Began = options.Time.GetUtcNow(),
            Direction = served.Direction,
            IsRequest = true,
            AccessLogs = session.Manager.AccessLog,
            Listener = served.Listener.Name,
            StatPrefix = session.Manager.StatPrefix,
            Protocol = session.IsHttp2 ? "HTTP/2" : context.Request.Protocol,
            Method = context.Request.Method,
            Authority = context.Request.Headers.Host.ToString(),
            Path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            FilterChain = served.ChainName,
            FilterChainMetadata = served.Chain.Metadata,
            DownstreamRemote = served.Source.ToString(),
            DownstreamLocal = served.Facts.Local.ToString(),
            DownstreamPeerUris = served.Peer?.Uris ?? [],
            RequestedServerName = served.Facts.ServerName,
            IsTls = served.IsTls,
            RequestHeader = name => Text(context.Request.Headers, name),
            ResponseHeader = name => Text(context.Response.Headers, name),
        };
        if (record.Protocol == "HTTP/1.0" && record.Authority.Length == 0)
        {
            context.Request.Headers.Host = session.Manager.HttpProtocolOptions?.DefaultHostForHttp10 ?? "";
        }

        ForwardedHeaders.Apply(session, now, context.Request.Headers, options.Chance);
        return new(context, session, now, record) { Request = RequestReader.Read(context) };
    }

    private void End(Exchange exchange)
    {
        var record = exchange.Record;
        record.ResponseCode = exchange.Context.Response.StatusCode;
        record.Duration = options.Time.GetUtcNow() - record.Began;
        if (exchange.Context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { } trailers)
        {
            record.ResponseTrailer = name => Text(trailers, name);
        }

        options.Sink?.Ended(record);
    }

    private async Task DecideAsync(Exchange exchange)
    {
        var (session, record) = (exchange.Session, exchange.Record);
        if (record.Protocol == "HTTP/1.0" && exchange.Manager.HttpProtocolOptions?.AcceptHttp10 != true)
        {
            await LocalReplies.WriteAsync(exchange, new(426, "", "low_version"));
            return;
        }

        if (Framing.Refuses(exchange) is { } malformed)
        {
            await LocalReplies.WriteAsync(exchange, malformed);
            return;
        }

        var walk = new HttpWalk(exchange.Proxy, exchange.Manager, session.Facts, session.Served.Peer, session.Served.IsTls);
        var request = exchange.Request;
        if (walk.Admit(ref request) is { } refused)
        {
            exchange.Request = request;
            await LocalReplies.WriteAsync(exchange, new(refused.Status ?? 400, "", refused.Status == 403 ? "upgrade_failed" : "path_normalization_failed")
            {
                IsPlain = refused.GrpcStatus is null,
                // What follows an upgrade is not a request, and who has said something broken may have said more of it.
                Closes = refused.Status is 400 or 403,
                Headers = refused.Status == 307 ? [("location", request.Path)] : [],
            });
            return;
        }

        exchange.Request = request;
        var way = options.Chance.Pick(walk.Ways(request, null), static way => way.Share);
        exchange.Way = way;
        record.RouteConfiguration = way.Place.Configuration?.Name ?? "";
        record.VirtualHost = way.Host?.Name ?? "";
        record.VirtualHostMetadata = way.Host?.Metadata;
        record.RouteName = way.Place.Route?.Name ?? "";
        record.RouteMetadata = way.Place.Route?.Metadata;
        if (way.BeforeFilters)
        {
            await LocalReplies.WriteAsync(exchange, new(301, "", "require_ssl") { Headers = [("location", $"https://{request.Authority}{request.Path}")] });
            return;
        }

        if (await FilterAsync(exchange, walk, way) is { } stopped)
        {
            await LocalReplies.WriteAsync(exchange, stopped);
        }
        else if (way.Reply is { } own)
        {
            await LocalReplies.WriteAsync(exchange, OwnAnswer(exchange, way, own));
        }
        else
        {
            await forwarding.RunAsync(exchange);
        }
    }

    private async ValueTask<LocalReply?> FilterAsync(Exchange exchange, HttpWalk walk, HttpWay way)
    {
        foreach (var (name, filter, special, where) in HttpFilters.Steps(exchange.Manager, way.Place))
        {
            switch (filter)
            {
                case null:
                    break;
                case Router:
                    return null;
                case RBAC rbac:
                    if (Refuses(rbac, special as RBACPerRoute, where, name, exchange, walk) is { } denied)
                    {
                        return denied;
                    }

                    break;
                case ExtAuthz asking:
                    if (await authorizer.AskAsync(asking, special as ExtAuthzPerRoute, where, name, exchange, Context(exchange, walk)) is { } unauthorized)
                    {
                        return unauthorized;
                    }

                    break;
                case LocalRateLimit own:
                    if (Exceeds(special as LocalRateLimit ?? own, exchange) is { } limited)
                    {
                        return limited;
                    }

                    break;
                case HealthCheck probe:
                    if (HttpFilters.Answers(probe, Context(exchange, walk), name))
                    {
                        return new(200, "", "health_check_ok") { Flag = "HC" };
                    }

                    break;
                case HeaderMutation change:
                    Change(change, way.Place, name, exchange);
                    break;
                default:
                    throw Packed.NotKnown(filter, $"HTTP filter {name}");
            }
        }

        throw new UndecidedException("HTTP filters", "there is no router among them");
    }

    private static LocalReply? Refuses(RBAC rbac, RBACPerRoute? special, string where, string name, Exchange exchange, HttpWalk walk)
    {
        var policy = "none";
        var refused = HttpFilters.Judge(rbac, special, where, name, Context(exchange, walk), (element, found, _) => policy = element == "RBAC policy" ? found : policy);
        exchange.Record.RbacAllowed = refused is null;
        return refused is null ? null : new(403, "RBAC: access denied", $"rbac_access_denied_matched_policy[{policy}]");
    }

    private LocalReply? Exceeds(LocalRateLimit limit, Exchange exchange)
    {
        if (limit.TokenBucket is null || !Applies(limit.FilterEnabled) || limits.Of(limit).Take() || !Applies(limit.FilterEnforced))
        {
            return null;
        }

        foreach (var header in limit.ResponseHeadersToAdd)
        {
            exchange.ResponseChanges.Add((header, null));
        }

        return new(limit.Status is { } status && (int)status.Code >= 400 ? (int)status.Code : 429, "local_rate_limited", "local_rate_limited")
        {
            Flag = "RL",
            GrpcStatus = limit.RateLimitedAsResourceExhausted ? 8 : null,
        };
    }

    // Without a share it applies to nobody.
    private bool Applies(RuntimeFractionalPercent? share)
        => share?.DefaultValue is { } part && options.Chance.NextDouble() < RouteChoice.Share(part);

    private static void Change(HeaderMutation filter, PerFilterConfig place, string name, Exchange exchange)
    {
        var headers = exchange.Context.Request.Headers;
        var changed = false;
        foreach (var changes in HttpFilters.Changes(filter, place, name))
        {
            foreach (var change in changes.RequestMutations)
            {
                changed = true;
                if (change.Append is { } append)
                {
                    HeaderChanges.Apply(headers, append);
                }
                else
                {
                    headers.Remove(change.Remove);
                }
            }

            exchange.ResponseChanges.AddRange(changes.ResponseMutations.Select(change => ((HeaderValueOption?)change.Append, change.Append is null ? change.Remove : null)));
        }

        if (changed)
        {
            exchange.ReadHeadersAgain();
        }
    }

    private static LocalReply OwnAnswer(Exchange exchange, HttpWay way, Reply own)
    {
        var route = way.Place.Route;
        if (route is null)
        {
            return new(404, "", "route_not_found") { Flag = "NR" };
        }

        // A route's changes to answers hold for its own as well.
        exchange.AnsweredBy = way.Place;
        return route.ActionCase == Route.ActionOneofCase.Redirect
            ? new(own.Status!.Value, "", "direct_response") { Headers = [("location", Redirects.Location(route, exchange.Request, exchange.Session.Served.IsTls))] }
            : new(own.Status!.Value, Tls.Credential.Text(route.DirectResponse.Body), "direct_response");
    }

    private static AccessContext Context(Exchange exchange, HttpWalk walk) => walk.Context(exchange.Request) with
    {
        Claimed = ForwardedHeaders.ClaimedSource(exchange.Session, exchange.Context.Request.Headers) ?? exchange.Session.Served.Source.Address,
    };

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;
}
