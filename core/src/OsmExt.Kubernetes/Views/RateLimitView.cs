using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>The rate limits of an UpstreamTrafficSetting. A limit that cannot be understood makes the whole object unusable.</summary>
internal static class RateLimitView
{
    public static RateLimits From(UpstreamTrafficSettingSpec spec, FieldReport report)
    {
        const string Local = "spec.rateLimit.local";
        const string Global = "spec.rateLimit.global";
        var limits = new RateLimits
        {
            LocalTcp = spec.RateLimit?.Local?.Tcp is { } tcp ? Bucket(tcp.Connections, tcp.Unit, tcp.Burst, $"{Local}.tcp", "connections", report) : null,
            LocalHttp = spec.RateLimit?.Local?.Http is { } http ? Requests(http, $"{Local}.http", report) : null,
            GlobalTcp = spec.RateLimit?.Global?.Tcp is { } connections ? Connections(connections, $"{Global}.tcp", report) : null,
            GlobalHttp = spec.RateLimit?.Global?.Http is { } requests ? Requests(requests, $"{Global}.http", report) : null,
            Routes = (spec.HttpRoutes ?? []).Select((route, i) => Route(route, $"spec.httpRoutes[{i}]", report)).ToEquatableArray(),
        };
        if (limits.GlobalHttp is null && limits.Routes.Any(route => !route.Descriptors.IsEmpty))
        {
            report.Missing($"{Global}.http", "Name the rate limit service that counts the routes' descriptors");
        }

        return limits;
    }

    private static RouteRateLimit Route(HttpRouteSettingModel model, string path, FieldReport report)
    {
        report.Has($"{path}.path", model.Path, "Write the path pattern of a permitted route, exactly as it stands there");
        return new(model.Path ?? "")
        {
            Local = model.RateLimit?.Local is { } local ? Requests(local, $"{path}.rateLimit.local", report) : null,
            Descriptors = model.RateLimit?.Global is { } global ? Descriptors(global.Descriptors, $"{path}.rateLimit.global.descriptors", report) : [],
        };
    }

    private static LocalHttpRateLimit Requests(LocalHttpRateLimitModel model, string path, FieldReport report)
        => new(Bucket(model.Requests, model.Unit, model.Burst, path, "requests", report))
        {
            StatusCode = report.InRange($"{path}.responseStatusCode", model.ResponseStatusCode, 400, 599),
            ResponseHeaders = (model.ResponseHeadersToAdd ?? []).Select((header, i) => Header(header, $"{path}.responseHeadersToAdd[{i}]", report)).ToEquatableArray(),
        };

    private static LocalRateLimit Bucket(int? count, string? unit, int? burst, string path, string what, FieldReport report)
    {
        if (count is null)
        {
            report.Missing($"{path}.{what}", $"Say how many {what} each unit of time allows");
        }

        report.Has($"{path}.unit", unit, "Set it to second, minute or hour");
        return new(
            report.InRange($"{path}.{what}", count, 1, int.MaxValue / 2) ?? 1,
            report.OneOf($"{path}.unit", unit, "second", "second", "minute", "hour") switch
            {
                "minute" => TimeSpan.FromMinutes(1),
                "hour" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromSeconds(1),
            },
            report.InRange($"{path}.burst", burst, 0, int.MaxValue / 2) ?? 0);
    }

    private static HeaderValue Header(HeaderValueModel model, string path, FieldReport report)
    {
        report.Has($"{path}.value", model.Value, "Give the header's value");
        if (report.Has($"{path}.name", model.Name, "Name the header") && !HttpToken.Is(model.Name))
        {
            report.Invalid($"{path}.name", $"{Yaml.YamlScalar.Quote(model.Name)} is no header name", "Use letters, digits and hyphens");
        }

        if (model.Value?.Any(char.IsControl) == true)
        {
            report.Invalid($"{path}.value", "A header's value has no control characters", "Remove them");
        }

        return new(model.Name ?? "", model.Value ?? "");
    }

    private static GlobalTcpRateLimit Connections(GlobalTcpRateLimitModel model, string path, FieldReport report) => new(
        Ask(model.RateLimitService, model.Domain, model.Timeout, model.FailOpen, path, report),
        NotEmpty(model.Descriptors, $"{path}.descriptors", report).Select((descriptor, i) => Descriptor(descriptor, $"{path}.descriptors[{i}]", report)).ToEquatableArray());

    private static RateLimitDescriptor Descriptor(TcpDescriptorModel model, string path, FieldReport report)
        => new(NotEmpty(model.Entries, $"{path}.entries", report).Select((entry, i) =>
        {
            report.Has($"{path}.entries[{i}].key", entry.Key, "Give the entry a key");
            report.Has($"{path}.entries[{i}].value", entry.Value, "Give the entry a value");
            return (RateLimitEntry)new GenericKeyEntry(entry.Key ?? "", entry.Value ?? "");
        }).ToEquatableArray());

    private static GlobalHttpRateLimit Requests(GlobalHttpRateLimitModel model, string path, FieldReport report) => new(
        Ask(model.RateLimitService, model.Domain, model.Timeout, model.FailOpen, path, report),
        model.Descriptors is null ? [] : Descriptors(model.Descriptors, $"{path}.descriptors", report))
    {
        RateLimitHeaders = model.EnableXRateLimitHeaders ?? false,
        StatusCode = report.InRange($"{path}.responseStatusCode", model.ResponseStatusCode, 400, 599),
    };

    private static GlobalRateLimit Ask(RateLimitServiceModel? service, string? domain, string? timeout, bool? failOpen, string path, FieldReport report)
    {
        report.Host($"{path}.rateLimitService.host", service?.Host, "Give the host of the rate limit service");
        report.Has($"{path}.domain", domain, "Give the domain of the limits");
        return new(new(service?.Host ?? "", report.RequiredPort($"{path}.rateLimitService.port", service?.Port ?? 0, "Give the port of the rate limit service")), domain ?? "")
        {
            Timeout = report.Duration($"{path}.timeout", timeout),
            FailOpen = failOpen ?? true,
        };
    }

    private static EquatableArray<RateLimitDescriptor> Descriptors(IList<HttpDescriptorModel>? models, string path, FieldReport report)
        => NotEmpty(models, path, report)
            .Select((descriptor, i) => new RateLimitDescriptor(NotEmpty(descriptor.Entries, $"{path}[{i}].entries", report)
                .Select((entry, j) => RateLimitEntryView.From(entry, $"{path}[{i}].entries[{j}]", report)).ToEquatableArray()))
            .ToEquatableArray();

    private static IList<T> NotEmpty<T>(IList<T>? list, string path, FieldReport report)
    {
        if (list is not { Count: > 0 })
        {
            report.Missing(path, "List at least one");
        }

        return list ?? [];
    }
}
