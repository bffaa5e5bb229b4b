using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OsmExt.ControlPlane.Options;

namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Sends traces to a collector over OTLP, when one is named by an option or by OpenTelemetry's environment variables; else nothing of it is made. What the
/// variables say of sampling, headers, queues and the service's name counts.
/// </summary>
internal sealed partial class TraceExport(IOptions<ControlPlaneOptions> options, ILogger<TraceExport> logger) : IHostedService, IDisposable
{
    // By convention a collector has gRPC at 4317, and HTTP at 4318.
    private const int HttpPort = 4318;

    private static readonly string[] EndpointVariables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    private static readonly string[] ProtocolVariables = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

    private TracerProvider? _provider;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Endpoint(options.Value.OtlpEndpoint) is not { } endpoint || Variable("OTEL_SDK_DISABLED").Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return Task.CompletedTask;
        }

        _provider = OpenTelemetry.Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService("osm-controller", serviceVersion: Build.Version, serviceInstanceId: Environment.MachineName).AddEnvironmentVariableDetector())
            .AddSource(ChangeTraces.SourceName)
            .AddOtlpExporter(exporter => Configure(exporter, options.Value.OtlpEndpoint))
            .Build();
        Log.Sending(logger, endpoint.GetLeftPart(UriPartial.Path));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left.</summary>
    public void Dispose() => _provider?.Dispose();

    private static Uri? Endpoint(Uri? option)
        => option ?? (EndpointVariables.Select(Variable).FirstOrDefault(value => value.Length > 0) is { } named
            && Uri.TryCreate(named, UriKind.Absolute, out var uri) ? uri : null);

    // Without the option the exporter reads the variables itself.
    private static void Configure(OtlpExporterOptions exporter, Uri? option)
    {
        if (option is null)
        {
            return;
        }

        var wanted = ProtocolVariables.Select(Variable).FirstOrDefault(value => value.Length > 0);
        var isHttp = wanted is null ? option.Port == HttpPort || option.AbsolutePath.Length > 1 : wanted.StartsWith("http", StringComparison.Ordinal);
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = isHttp && option.AbsolutePath.Length <= 1 ? new(option, "/v1/traces") : option;
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static partial class Log
    {
        [LoggerMessage(5012, LogLevel.Information, "Traces of changes are sent to {Endpoint}")]
        public static partial void Sending(ILogger logger, string endpoint);
    }
}
