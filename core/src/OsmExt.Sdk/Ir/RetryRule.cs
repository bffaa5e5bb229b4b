using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Ir;

/// <summary>Tries a client's failed requests to a service again.</summary>
/// <param name="Client">Whose requests.</param>
/// <param name="Service">The service, as the client names it.</param>
/// <param name="Settings">When and how often.</param>
/// <param name="Origin">The object it was made from.</param>
public sealed record RetryRule(WorkloadIdentity Client, ServiceName Service, RetrySettings Settings, ResourceKey Origin);
