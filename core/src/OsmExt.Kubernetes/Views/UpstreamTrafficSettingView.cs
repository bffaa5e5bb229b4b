using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>OSM UpstreamTrafficSettings; see <see cref="RateLimitView"/> for their limits.</summary>
internal static class UpstreamTrafficSettingView
{
    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(UpstreamTrafficSettingModel model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        report.Has("spec.host", spec.Host, "Give the service's full name, such as bookstore.books.svc.cluster.local");
        return new UpstreamTrafficSetting(metadata)
        {
            Host = spec.Host ?? "",
            Settings = new()
            {
                Connections = Connections(spec.ConnectionSettings?.Tcp ?? new(), spec.ConnectionSettings?.Http ?? new(), report),
                OutlierDetection = spec.OutlierDetection is { } outliers ? Outliers(outliers, report) : null,
                HealthCheck = spec.HealthCheck is { } check ? Health(check, report) : null,
                RateLimits = RateLimitView.From(spec, report),
            },
        };
    }

    private static ConnectionSettings Connections(TcpConnectionModel tcp, HttpConnectionModel http, FieldReport report)
    {
        const string Tcp = "spec.connectionSettings.tcp";
        const string Http = "spec.connectionSettings.http";
        return new()
        {
            MaxConnections = Limit($"{Tcp}.maxConnections", tcp.MaxConnections),
            ConnectTimeout = report.Duration($"{Tcp}.connectTimeout", tcp.ConnectTimeout),
            IdleTimeout = report.Duration($"{Tcp}.idleTimeout", tcp.IdleTimeout),
            MaxRequests = Limit($"{Http}.maxRequests", http.MaxRequests),
            MaxRequestsPerConnection = Limit($"{Http}.maxRequestsPerConnection", http.MaxRequestsPerConnection),
            MaxPendingRequests = Limit($"{Http}.maxPendingRequests", http.MaxPendingRequests),
            MaxRetries = Limit($"{Http}.maxRetries", http.MaxRetries),
            RequestTimeout = report.Duration($"{Http}.requestTimeout", http.RequestTimeout),
        };

        int? Limit(string path, int? value) => report.InRange(path, value, 0, int.MaxValue);
    }

    private static OutlierDetection Outliers(OutlierDetectionModel model, FieldReport report)
    {
        const string Path = "spec.outlierDetection";
        return new()
        {
            Consecutive5xx = report.InRange($"{Path}.consecutive5xx", model.Consecutive5xx, 0, int.MaxValue),
            ConsecutiveGatewayErrors = report.InRange($"{Path}.consecutiveGatewayErrors", model.ConsecutiveGatewayErrors, 0, int.MaxValue),
            Interval = report.Duration($"{Path}.interval", model.Interval),
            BaseEjectionTime = report.Duration($"{Path}.baseEjectionTime", model.BaseEjectionTime),
            MaxEjectionPercent = report.InRange($"{Path}.maxEjectionPercent", model.MaxEjectionPercent, 0, 100),
        };
    }

    private static HealthCheck Health(HealthCheckModel model, FieldReport report)
    {
        const string Path = "spec.healthCheck";
        var absent = new HealthCheck();
        return new()
        {
            Interval = report.Duration($"{Path}.interval", model.Interval) ?? absent.Interval,
            Timeout = report.Duration($"{Path}.timeout", model.Timeout) ?? absent.Timeout,
            UnhealthyThreshold = report.InRange($"{Path}.unhealthyThreshold", model.UnhealthyThreshold, 1, int.MaxValue) ?? absent.UnhealthyThreshold,
            HealthyThreshold = report.InRange($"{Path}.healthyThreshold", model.HealthyThreshold, 1, int.MaxValue) ?? absent.HealthyThreshold,
        };
    }
}
