using System.Collections;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OsmExt.Simulation;

/// <summary>
/// Refuses messages that use a field the simulator does not know. Without this a new feature of the configuration would be
/// overlooked in silence, and the decision be wrong.
/// </summary>
internal static class Understood
{
    private static readonly ConditionalWeakTable<IMessage, IMessage> Passed = [];

    /// <summary>The message, when all it sets is known.</summary>
    /// <exception cref="UndecidedException">It sets something else.</exception>
    public static T Check<T>(T message, string element)
        where T : class, IMessage
    {
        if (!Passed.TryGetValue(message, out _))
        {
            var known = UnderstoodFields.Of(message.Descriptor) ?? throw Packed.NotKnown(message, element);
            foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
            {
                if (!known.Contains(field.Name) && IsSet(field, message))
                {
                    throw new UndecidedException(element, $"{message.Descriptor.Name}.{field.Name} is not known");
                }
            }

            Passed.TryAdd(message, message);
        }

        return message;
    }

    private static bool IsSet(FieldDescriptor field, IMessage message)
    {
        if (field.HasPresence)
        {
            return field.Accessor.HasValue(message);
        }

        return field.Accessor.GetValue(message) switch
        {
            ICollection many => many.Count > 0,
            string text => text.Length > 0,
            ByteString bytes => bytes.Length > 0,
            bool flag => flag,
            Enum value => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture) != 0,
            IConvertible number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) != 0,
            _ => true,
        };
    }
}
