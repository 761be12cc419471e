"""What a session says to other programs and devices, over MQTT."""
