using Microsoft.Extensions.Logging;
using OsmExt.Xds.Observability;

namespace OsmExt.Xds.Server;

/// <summary>What all sessions of a server use.</summary>
internal sealed record SessionServices(XdsServerOptions Options, PushGate Gate, RejectionLog Rejections, XdsMetrics Metrics, IResponseObserver? Observer, ILogger Logger);
