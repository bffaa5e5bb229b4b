using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// Something of a plugin that runs beside the mesh for as long as this version of the plugin is in force: it may wait, and call others.
/// What it finds out it publishes, and <see cref="IPlugin.Contribute"/> is given that as input, so that nobody waits while the mesh is
/// translated. A public class with a public constructor without parameters; each start makes a new one.
/// </summary>
public interface IPluginService
{
    /// <summary>Runs until it is told to stop. When it fails it is started again after a growing pause; when it returns before, it is done.</summary>
    /// <param name="context">The mesh, as far as the service may know it.</param>
    /// <param name="stopping">Signalled when the plugin is replaced or removed. A service that has not ended after some seconds is left behind.</param>
    Task RunAsync(IServiceContext context, CancellationToken stopping);
}

/// <summary>What a service sees of the mesh, and what it can do. Usable from any thread; once the service is stopped nothing it does counts.</summary>
public interface IServiceContext
{
    /// <summary>The mesh's clock: wait with it, so that tests can let hours pass in a moment.</summary>
    TimeProvider Time { get; }

    /// <summary>The plugin's objects, as they are now.</summary>
    ServiceObjects Objects { get; }

    /// <summary>Waits until the plugin's objects are others than those known.</summary>
    /// <param name="known">What the service knows.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    Task<ServiceObjects> NextObjectsAsync(ServiceObjects known, CancellationToken cancellation);

    /// <summary>
    /// Makes a value part of <see cref="PluginInput.Published"/>. The same value again changes nothing; of values that follow each other quickly only
    /// the last may be seen. It stays until it is published anew or withdrawn, also when the service fails or its plugin is replaced.
    /// </summary>
    /// <param name="name">Tells the service's values apart; up to 253 characters.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The name or the value is not allowed, or the service has published too much already.</exception>
    void Publish(string name, ConfigValue value);

    /// <summary>Takes a value back. Nothing happens when there is none.</summary>
    void Withdraw(string name);

    /// <summary>Says how it is. Until it does, the service counts as unhealthy.</summary>
    /// <param name="health">How it is.</param>
    /// <param name="sentence">Why, for people; without secrets.</param>
    void Report(ServiceHealth health, string sentence);

    /// <summary>Writes a line into the control plane's log, up to twenty a second.</summary>
    void Log(ServiceLogLevel level, string message);
}

/// <summary>A plugin's objects at one moment.</summary>
/// <param name="Revision">Counts up whenever they change; 0 while they have not been read yet.</param>
/// <param name="Resources">The objects, as <see cref="PluginInput.Resources"/> has them.</param>
public sealed record ServiceObjects(long Revision, EquatableArray<PluginResource> Resources);

/// <summary>How a service is.</summary>
public enum ServiceHealth
{
    /// <summary>It does what it is there for.</summary>
    Healthy,

    /// <summary>It does part of it, or does it with what it knew before.</summary>
    Degraded,

    /// <summary>It does not.</summary>
    Unhealthy,
}

/// <summary>How important a line of a log is.</summary>
public enum ServiceLogLevel
{
    /// <summary>For whoever looks for a mistake.</summary>
    Debug,

    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Something is not as it should be.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>A value that a service of the plugin has published.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Name">The value's name.</param>
/// <param name="Version">Larger than that of every value that was published before.</param>
/// <param name="Value">The value.</param>
public sealed record PublishedValue(string Service, string Name, long Version, ConfigValue Value);

/// <summary>A service that a plugin's manifest declares.</summary>
/// <param name="Name">Unique within the plugin.</param>
/// <param name="Type">The class that implements <see cref="IPluginService"/>, by its full name.</param>
public sealed record ServiceDeclaration(string Name, string Type)
{
    /// <summary>Whether the control plane is ready only while the service is not unhealthy.</summary>
    public bool IsPartOfReadiness { get; init; }
}
