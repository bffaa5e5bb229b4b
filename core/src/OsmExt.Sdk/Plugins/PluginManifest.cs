using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>What a plugin says about itself (<c>plugin.yaml</c>), before any of it runs.</summary>
/// <param name="Id">Lower-case letters, digits, dots and dashes; unique in a mesh.</param>
/// <param name="Version">Three numbers.</param>
public sealed record PluginManifest(string Id, Version Version)
{
    /// <summary>For people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The versions of this SDK it works with.</summary>
    public VersionRange Sdk { get; init; } = VersionRange.Any;

    /// <summary>The versions of Envoy its configuration is for; other proxies do not get it.</summary>
    public VersionRange Envoy { get; init; } = VersionRange.Any;

    /// <summary>The kinds it reads.</summary>
    public EquatableArray<PluginKind> Resources { get; init; }

    /// <summary>Kinds of the mesh's own objects that its code is given as well; see <see cref="PluginInput.Objects"/>.</summary>
    public EquatableArray<string> Reads { get; init; }

    /// <summary>What it contributes.</summary>
    public EquatableArray<ContributionSlot> Slots { get; init; }

    /// <summary>What becomes of proxies when it fails.</summary>
    public FailureMode Failure { get; init; }

    /// <summary>What it may do only if the operator grants it.</summary>
    public EquatableArray<PluginCapability> Capabilities { get; init; }

    /// <summary>What runs beside the mesh while it is in force.</summary>
    public EquatableArray<ServiceDeclaration> Services { get; init; }

    /// <summary>What it asks certificates for.</summary>
    public EquatableArray<CertificateSlot> Certificates { get; init; }

    /// <summary>What people can ask it for.</summary>
    public EquatableArray<CommandDeclaration> Commands { get; init; }

    /// <summary>The kind of an object, if it is one of these.</summary>
    public PluginKind? KindOf(PluginResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Resources.FirstOrDefault(kind => string.Equals(kind.Kind, resource.Kind, StringComparison.Ordinal) && string.Equals(kind.Group, resource.Group, StringComparison.Ordinal));
    }

    /// <summary>The assembly with its <see cref="IPlugin"/>, relative to its folder; empty for a plugin of templates only.</summary>
    public string Assembly { get; init; } = "";
}

/// <summary>What becomes of proxies when a plugin fails.</summary>
public enum FailureMode
{
    /// <summary>Proxies it may concern keep what they have; a new proxy carries no traffic.</summary>
    Closed,

    /// <summary>Its contribution is left out.</summary>
    Open,
}

/// <summary>What a plugin may do only if the operator grants it.</summary>
public enum PluginCapability
{
    /// <summary>To stand before the mesh's access rules on inbound traffic, where a filter can change what they see.</summary>
    BeforeAuthorization,

    /// <summary>To make proxies call hosts of its choice: clusters of its own.</summary>
    CallHosts,

    /// <summary>To take connections in: listeners and filter chains of its own.</summary>
    AcceptConnections,

    /// <summary>To set how TLS is spoken, in what it contributes.</summary>
    WriteTls,

    /// <summary>To prove the workload's identity: TLS with the workload's own certificate, which stays unknown to the plugin.</summary>
    UseIdentity,

    /// <summary>To change whatever the mesh has made, as it goes to proxies: nothing that the mesh promises holds for what is patched.</summary>
    RawPatch,

    /// <summary>To run services of its own beside the mesh, which may do whatever the control plane's process may.</summary>
    RunService,

    /// <summary>To add to what proxies start with.</summary>
    WriteBootstrap,

    /// <summary>To have certificates issued to somebody outside the mesh, within what the operator allows besides.</summary>
    IssueCertificates,

    /// <summary>To have proxies use Kubernetes Secrets that objects name; the plugin itself never sees one.</summary>
    ReadSecrets,
}
