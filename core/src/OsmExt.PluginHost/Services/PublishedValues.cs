using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>What the services of one plugin have published. It is handed on from version to version of the plugin, so that a new one begins with what is known.</summary>
internal sealed class PublishedValues
{
    private const int MaxValues = 1000;
    private const int MaxCharacters = 1024 * 1024;
    private const int MaxName = 253;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Service, string Name), PublishedValue> _values = new(
        Comparer<(string Service, string Name)>.Create((left, right) => string.CompareOrdinal(left.Service, right.Service) is var order && order != 0 ? order : string.CompareOrdinal(left.Name, right.Name)));
    private long _version;

    /// <summary>What the services that a manifest declares have published.</summary>
    public EquatableArray<PublishedValue> Of(PluginManifest manifest)
    {
        if (manifest.Services.IsEmpty)
        {
            return [];
        }

        lock (_gate)
        {
            return [.. _values.Values.Where(value => manifest.Services.Any(service => string.Equals(service.Name, value.Service, StringComparison.Ordinal)))];
        }
    }

    public int CountOf(string service)
    {
        lock (_gate)
        {
            return _values.Keys.Count(key => string.Equals(key.Service, service, StringComparison.Ordinal));
        }
    }

    /// <summary>Whether that changed anything.</summary>
    /// <exception cref="ArgumentException">It cannot be published.</exception>
    public bool Set(string service, string name, ConfigValue value)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxName || name.Any(char.IsControl))
        {
            throw new ArgumentException($"A published value needs a name of 1 to {MaxName} characters, without control characters.", nameof(name));
        }

        if (value is null)
        {
            throw new ArgumentException($"There is no value to publish as \"{name}\"; withdraw it instead.", nameof(value));
        }

        lock (_gate)
        {
            var known = _values.GetValueOrDefault((service, name));
            if (Equals(known?.Value, value))
            {
                return false;
            }

            var others = _values.Where(entry => entry.Key != (service, name) && string.Equals(entry.Key.Service, service, StringComparison.Ordinal)).ToArray();
            if (others.Length >= MaxValues || others.Sum(entry => (long)entry.Value.Value.ToString().Length) + value.ToString().Length > MaxCharacters)
            {
                throw new ArgumentException($"A service publishes up to {MaxValues} values of {MaxCharacters / 1024} KiB in all; \"{name}\" is too much.", nameof(value));
            }

            _values[(service, name)] = new(service, name, ++_version, value);
            return true;
        }
    }

    /// <summary>Forgets everything; for tests, where values do not come from services.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _values.Clear();
        }
    }

    /// <summary>Whether there was one.</summary>
    public bool Remove(string service, string name)
    {
        lock (_gate)
        {
            return _values.Remove((service, name));
        }
    }
}
